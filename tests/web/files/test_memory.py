"""Large files travel in pieces: no request ever holds one in memory."""

from __future__ import annotations

import tracemalloc

from tests.files import PNG

PLACE = "/c/acme/files"
SIZE = 24_000_000
MOST = 4_000_000  # bytes that a request may hold at once, whatever the size of the file


def write_form(path, token):
    """Write the body of a form with a large file in it."""
    head = (
        f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--b\r\n'
        'Content-Disposition: form-data; name="file"; filename="large.png"\r\nContent-Type: image/png\r\n\r\n'
    )
    with path.open("wb") as file:
        file.write(head.encode() + PNG)
        file.writelines(bytes(1_000_000) for _ in range(23))
        file.write(bytes(1_000_000 - len(PNG)) + b"\r\n--b--\r\n")


def test_upload_and_download_hold_little_in_memory(browser, storage, tmp_path):
    uma, gil, form = browser("uma"), browser("gil"), tmp_path / "form"
    write_form(form, uma.token("/account"))
    uma.get(PLACE)  # templates are compiled

    tracemalloc.start()
    with form.open("rb") as body:
        uploaded = uma.client.post(PLACE, input_stream=body, content_type="multipart/form-data; boundary=b")
    upload_peak = tracemalloc.get_traced_memory()[1]
    address = gil.get(PLACE).text.partition("/details")[0][-len(f"{PLACE}/{'-' * 36}") :]
    tracemalloc.reset_peak()
    held = tracemalloc.get_traced_memory()[0]
    size = sum(map(len, gil.get(address).iter_encoded()))
    download_peak = tracemalloc.get_traced_memory()[1] - held
    tracemalloc.stop()

    (stored,) = storage.list_stored()
    assert uploaded.status_code == 303
    assert (stored.size_bytes, size) == (SIZE, SIZE)
    assert upload_peak < MOST
    assert download_peak < MOST
