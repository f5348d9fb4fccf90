"""The server and the worker."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from dashboard.cli.context import application
from dashboard.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

BLOCKING_THREADS = 16


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--no-worker", is_flag=True, help="Serve only; run `dashboard worker` elsewhere.")
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo into an empty database and keep it alive.")
def serve(host: str, port: int, workers: int, no_worker: bool, with_demo: bool) -> None:
    """Upgrade the database, then serve pages and run background work; stops cleanly on SIGTERM."""
    from granian.constants import Interfaces
    from granian.server import MPServer

    _refuse_taken_port(host, port)
    _import_program()
    traffic = _prepare(with_demo)
    shown = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{port}"  # noqa: S104
    server = MPServer(
        target="dashboard.app:create_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=BLOCKING_THREADS,
        websockets=False,
        log_level="warning",  # type: ignore[arg-type]  # granian's enum takes its value
        respawn_failed_workers=True,
        workers_kill_timeout=20,
    )
    click.echo(f"Sendscope is at {shown}")
    click.echo("Stop it with Ctrl-C.")
    with _kept_alive(shown) if traffic else contextlib.nullcontext():
        server.serve(target_loader=partial(load, with_worker=not no_worker), wrap_loader=False)


@click.command()
@click.option("--once", is_flag=True, help="Do everything that is due, then end.")
def worker(once: bool) -> None:
    """Run background work: everything that is due, again and again."""
    import signal
    import threading

    from dashboard.services import uploads
    from dashboard.worker import Counter, Worker, spare_collector

    with application() as app:
        engines = app.extensions["engines"]
        folder = uploads.folder_in(app.extensions["settings"].instance)
        storage, resolver = app.extensions["storage"], app.extensions["resolver"]
        running = Worker(engines, folder=folder, storage=storage, resolver=resolver)
        counter = Counter(engines)
        spare_collector()
        if once:
            counted, done = counter.count_out(), running.run_due()
            counted += counter.count_out()  # what jobs brought in
            click.echo(f"{counted} deliveries counted, {done} jobs done.")
            return

        def stop(*_signal: object) -> None:
            running.stop()
            counter.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        thread = threading.Thread(target=counter.run_forever, name="counter")
        thread.start()
        running.run_forever()
        thread.join()


def load(*, with_worker: bool) -> Callable[..., Any]:
    """Make the app within a serving process, with its background thread."""
    from dashboard.app import create_app
    from dashboard.worker import start_threads

    app = create_app()
    if with_worker:
        start_threads(app)
    return app


def _import_program() -> None:
    """Import what a server needs, without the search for garbage: a sixth of the time, and there is none.

    Nor is it searched later on: workers share the memory with this process as long as nobody walks over it.
    """
    gc.disable()
    importlib.import_module("dashboard.app")
    gc.freeze()
    gc.enable()


def _refuse_taken_port(host: str, port: int) -> None:
    """Raise Conflict when somebody listens there; granian alone would share the port with another of its kind."""
    import socket

    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or error
        raise Conflict(f"Port {port} of {host} cannot be used: {reason}. Choose another with --port.") from error


def _prepare(with_demo: bool) -> bool:
    """Upgrade the database and load the demo where asked for; say whether the demo is to be kept alive."""
    from dashboard.cli.database import run_upgrade

    with application() as app:
        run_upgrade(app)
        return with_demo and _offer_demo(app)


def _offer_demo(app: Flask) -> bool:
    from dashboard.cli import demo
    from dashboard.queries import identity
    from dashboard.services.demo import demo_password

    settings = app.extensions["settings"]
    if not identity.list_all_companies(app.extensions["engines"]):
        click.echo("Loading the demo: two companies with 90 days of mail ...")
        demo.load_demo(app, 90)
    if identity.find_company(app.extensions["engines"], "acme") is None:
        return False
    demo.show_sign_ins(demo_password(settings.instance))
    return bool(settings.demo_traffic)


@contextlib.contextmanager
def _kept_alive(base_url: str) -> Iterator[None]:
    """Run the demo's traffic in a process of its own while the server runs."""
    command = [sys.executable, "-m", "dashboard", "demo", "traffic", "--base-url", base_url]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONWARNINGS": "ignore"})  # noqa: S603  # our own command
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


COMMANDS = (serve, worker)
