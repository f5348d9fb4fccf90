"""What the demo's mails say: three versions of a newsletter, a welcome, a plain note, and a sale. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from dashboard.services.templates import TemplateValues

_STYLE = """    body { margin: 0; background: #f3f4f7; color: #22262e; font-family: Arial, Helvetica, sans-serif; }
    .card { background: #ffffff; border-radius: 8px; }
    .pad { padding: 28px 32px; }
    h1 { margin: 0 0 12px; font-size: 26px; line-height: 1.25; }
    h2 { margin: 0 0 6px; font-size: 18px; }
    p { margin: 0 0 14px; font-size: 16px; line-height: 1.55; }
    .button { display: inline-block; padding: 13px 24px; border-radius: 6px; background: #3047c9; color: #ffffff;
      font-weight: bold; text-decoration: none; }
    .small { font-size: 13px; color: #626a78; }
    @media (max-width: 480px) { .pad { padding: 20px 18px; } h1 { font-size: 22px; } }"""

_FOOT = """      <tr>
        <td class="pad small">
          You receive this because you have an account at Acme.
          <a href="{{ unsubscribe_url }}">Unsubscribe</a> or
          <a href="{{ preferences_url }}">choose what you get</a>.<br>
          Acme GmbH, Harbour Street 12, Berlin
        </td>
      </tr>"""


def _page(title: str, rows: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{title}</title>
  <style>
{_STYLE}
  </style>
</head>
<body>
  <table role="presentation" width="100%" cellpadding="0" cellspacing="0">
  <tr><td align="center" style="padding: 24px 12px">
    <table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width: 600px">
{rows}
{_FOOT}
    </table>
  </td></tr></table>
</body>
</html>
"""


_NEWS_HEAD = """      <tr>
        <td class="pad">
          <h1>What is new in {{ month }}</h1>
          <p>Hello {{ contact.first_name | default: "there" }}, this is what we built for {{ contact.company }}.</p>
        </td>
      </tr>"""
_NEWS_LIST = """      {% for item in news %}<tr>
        <td class="pad" style="border-top: 1px solid #e3e6eb">
          <h2>{{ item.title }}</h2>
          <p>{{ item.text }}</p>
          <p><a class="button" href="{{ item.url }}">Read about it</a></p>
        </td>
      </tr>{% endfor %}"""
_NEWS_WEBINAR = """      <tr>
        <td class="pad" style="background: #eceffd">
          <h2>Join us live</h2>
          <p>Half an hour on deliverability, with time for your questions.</p>
          <p><a class="button" href="https://acme.test/webinar">Keep a seat for me</a></p>
        </td>
      </tr>"""
_NEWS_SHORT = """      {% for item in news %}<tr>
        <td class="pad" style="border-top: 1px solid #e3e6eb">
          <h2>{{ item.title }}</h2>
          <p>{{ item.text }}</p>
        </td>
      </tr>{% endfor %}
      <tr>
        <td class="pad"><a class="button" href="{{ news_url }}">See all of it</a></td>
      </tr>"""
_NEWS_VARIABLES = ["contact", "month", "news", "unsubscribe_url", "preferences_url"]
_NEWS_TEXT = """What is new in {{ month }}

{% for item in news %}* {{ item.title }}
  {{ item.text }}
{% endfor %}
See all of it: {{ news_url }}

Unsubscribe: {{ unsubscribe_url }}
"""
_NEWS_SAMPLES = {
    "contact.company": "Northwind Ltd",
    "month": "June",
    "news": '[{"title": "Shared inboxes", "text": "Two people can now answer from one address.", '
    '"url": "https://acme.test/inboxes"}, {"title": "Faster search", "text": "Results appear while you type.", '
    '"url": "https://acme.test/search"}]',
    "news_url": "https://acme.test/news",
}


@dataclass(frozen=True, slots=True)
class Edition:
    """What a template says from one day on."""

    days_ago: int
    values: TemplateValues
    note: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A template of a company and how it became what it is."""

    company: str
    author: str
    editions: list[Edition] = field(default_factory=list)


_NEWS = TemplateValues(
    "Newsletter", "tpl-news", "Everything that is new at Acme in {{ month }}, and what comes next",
    _page("News", f"{_NEWS_HEAD}\n{_NEWS_LIST}"), "", "News", _NEWS_VARIABLES, _NEWS_SAMPLES, is_active=True,
)  # fmt: skip
_WELCOME = TemplateValues(
    "Welcome", "tpl-welcome", "Welcome, {{ contact.first_name }}",
    _page(
        "Welcome",
        """      <tr>
        <td class="pad">
          <h1>Welcome to Acme, {{ contact.first_name }}</h1>
          <p>Your account is ready. Three steps, and {{ contact.company | default: "your team" }} is at work:</p>
          <ol>
            <li><p>Invite your team</p></li>
            <li><p>Connect a mailbox</p></li>
            <li><p>Send your first mail</p></li>
          </ol>
          <p><a class="button" href="{{ start_url }}">Begin</a></p>
          {% if plan == "trial" %}<p class="small">Your trial ends on {{ trial_ends_on }}.</p>{% endif %}
        </td>
      </tr>""",
    ),
    "Welcome to Acme, {{ contact.first_name }}\n\nBegin here: {{ start_url }}\n\nUnsubscribe: {{ unsubscribe_url }}\n",
    "Lifecycle", ["contact", "plan", "preferences_url", "start_url", "trial_ends_on", "unsubscribe_url"],
    {"plan": "trial", "start_url": "https://acme.test/start", "trial_ends_on": "1 June 2026"}, is_active=True,
)  # fmt: skip
_PLAIN = TemplateValues(
    "Plain note", "tpl-plain", "A quick question, {{ contact.first_name }}",
    """<p>Hi {{ contact.first_name }},</p>
<p>I saw that {{ contact.company }} tried our shared inboxes. How did that go?</p>
<p>If you like, I can show you in ten minutes what others do with them.</p>
<p>{{ sender.name }}</p>
<p style="font-size: 12px; color: #626a78"><a href="{{ unsubscribe_url }}">No more mails like this</a></p>
""",
    """Hi {{ contact.first_name }},

I saw that {{ contact.company }} tried our shared inboxes. How did that go?

{{ sender.name }}

No more mails like this: {{ unsubscribe_url }}
""",
    "Sales", ["contact", "sender", "unsubscribe_url"], {"sender.name": "Ada Acme"}, is_active=True,
)  # fmt: skip
_SALE = TemplateValues(
    "Sale", "sale", "Everything must go",
    '<h1>Everything must go</h1>\n<p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>\n', "", "Sales",
    ["unsubscribe_url"], is_active=True,
)  # fmt: skip

STORIES = (
    Story("acme", "uma@acme.test", [Edition(85, _WELCOME)]),
    Story("acme", "ada@acme.test", [Edition(84, _PLAIN)]),
    Story(
        "acme",
        "uma@acme.test",
        [
            Edition(83, _NEWS),
            Edition(
                58,
                replace(_NEWS, content=_page("News", f"{_NEWS_HEAD}\n{_NEWS_LIST}\n{_NEWS_WEBINAR}")),
                "an invitation to the webinar",
            ),
            Edition(
                12,
                replace(
                    _NEWS, subject="New at Acme in {{ month }}", content=_page("News", f"{_NEWS_HEAD}\n{_NEWS_SHORT}"),
                    text=_NEWS_TEXT, variables=[*_NEWS_VARIABLES, "news_url"],
                ),
                "shorter subject, one button, plain text",
            ),
        ],
    ),
    Story("rival", "rex@rival.test", [Edition(60, _SALE)]),
)  # fmt: skip
