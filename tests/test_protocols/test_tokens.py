"""A token goes to the host it is for, and nowhere else: a server on this machine keeps all that arrives."""

from __future__ import annotations

import http.server
import json
import logging
import threading
from contextlib import contextmanager

import pytest
import xcc

from networks import InputError, save_network
from photonics.adapters.cloud_hosts import is_loopback, place_faults, plain_host
from photonics.adapters.xanadu_cloud import CloudError, connect, fetch_device, job_details
from protocols.hardware.jobs import Record, refresh

from .test_cloud import NETWORK, emulator, jobs_of, submitted

SECRET = "refresh-SECRET-7341"
ACCESS = "access-SECRET-9182"
VARIABLES = ("REFRESH_TOKEN", "ACCESS_TOKEN", "HOST", "PORT", "TLS")


@contextmanager
def recording(answer=lambda handler: (404, {}, b"{}"), address="127.0.0.1"):
    """(port, what has arrived): a server that keeps every request with its headers and body."""
    arrived = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            arrived.append(f"{self.command} {self.path}\n{self.headers}\n{body.decode()}")
            status, headers, content = answer(self)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_CONNECT = handle_any  # noqa: N815  # named by http.server

        def log_message(self, *arguments):
            pass

    class Server(http.server.ThreadingHTTPServer):
        address_family = 10 if ":" in address else 2
        daemon_threads = True

    server = Server((address, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1], arrived
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=20)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    """No token of whoever runs the tests."""
    for name in VARIABLES:
        monkeypatch.delenv(f"XANADU_CLOUD_{name}", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(xcc.Settings.model_config, "env_file", str(tmp_path / "client" / ".env"))
    return tmp_path / "client" / ".env"


def local(port, **options):
    return connect(host="127.0.0.1", port=port, tls=False, **({"refresh_token": SECRET} | options))


def unauthorised(handler):
    return 401, {}, b'{"detail": "no"}'


def test_a_record_of_another_host_is_refused_before_anything_is_sent(psn, tmp_path, monkeypatch):
    with emulator() as port:
        record = submitted(port, tmp_path)
    with recording(unauthorised) as (foreign, arrived):
        document = {**record.document, "host": "127.0.0.1", "port": foreign, "state": "submitted"}
        Record.of(record.path, document).written()
        monkeypatch.setenv("XANADU_CLOUD_REFRESH_TOKEN", SECRET)
        for command in ("status", "result", "cancel"):
            code, out, err = psn("hardware", command, record.path.stem, "--jobs", tmp_path)
            assert (code, out) == (2, "")
            assert f"--host 127.0.0.1 --port {foreign} --no-tls" in err
            assert "a token goes to no host that only a record names; nothing was sent" in err
            assert SECRET not in err
        assert arrived == []
        # Where the owner says so, it is asked.
        code, _, err = psn(
            "hardware",
            "status",
            record.path.stem,
            "--jobs",
            tmp_path,
            "--port",
            foreign,
            "--no-tls",
            "--host",
            "127.0.0.1",
        )
        assert code == 2
        assert SECRET in arrived[1]
        assert SECRET not in err


NO_HOSTS = [
    "user@127.0.0.1",
    "user:pass@127.0.0.1",
    "127.0.0.1/x",
    "127.0.0.1#",
    "127.0.0.1:80",
    "http://127.0.0.1",
    "a b",
    "",
    "\u0430.org",
    "[::1",
    "fe80::1%lo",
    "[127.0.0.1]",
    "a\\@b",
]


@pytest.mark.parametrize("host", NO_HOSTS)
def test_what_is_no_host(host):
    with pytest.raises(ValueError, match="a host must be"):
        plain_host(host)
    assert len(place_faults(host, 443, tls=True)) == 1


def test_records_of_no_host_are_refused(tmp_path):
    from protocols.hardware.jobs import read_record

    with emulator() as port:
        record = submitted(port, tmp_path)
        for host in NO_HOSTS:
            record.path.write_text(json.dumps({**record.document, "host": host}))
            with pytest.raises(InputError, match="host is not a host"):
                read_record(record.path)
        assert len(jobs_of(port)) == 1


def test_loopback_in_all_its_forms():
    assert all(
        map(
            is_loopback,
            map(plain_host, ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "0:0::1", "LOCALHOST", "::ffff:127.0.0.1"]),
        )
    )
    others = [
        "0.0.0.0",
        "::",
        "10.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "127.0.0.1.nip.io",
        "localhost.example.org",
        "fe80::1",
    ]
    assert not any(map(is_loopback, others))
    for host in others:
        with pytest.raises(CloudError, match="without TLS a token goes to this machine only"):
            connect(host=host, port=80, tls=False, refresh_token=SECRET)
        assert connect(host=host, port=443, tls=True, refresh_token=SECRET).scheme == "https"
    for port in (0, -1, 65536):
        with pytest.raises(CloudError, match="a port must be"):
            connect(host="127.0.0.1", port=port, tls=False, refresh_token=SECRET)


def test_an_address_of_six_is_spoken_to_in_brackets():
    try:
        with recording(lambda handler: (200, {}, b'{"status": "open"}'), address="::1") as (port, arrived):
            for host in ("::1", "[::1]"):
                assert (
                    job_details(connect(host=host, port=port, tls=False, access_token=ACCESS), "a")["status"] == "open"
                )
            assert len(arrived) == 2
            assert f"Host: [::1]:{port}" in arrived[0]
    except OSError:
        assert connect(host="::1", port=80, tls=False, access_token=ACCESS).url("/x") == "http://[::1]:80/x"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status):
    with recording() as (elsewhere, arrived):
        for where in (
            f"http://localhost:{elsewhere}/x",
            f"http://127.0.0.1:{elsewhere}/x",
            f"//127.0.0.1:{elsewhere}/x",
        ):

            def away(handler, where=where):
                # First the request, then the renewal of the token.
                if handler.path.startswith("/auth") or where.startswith("//"):
                    return status, {"Location": where}, b""
                return unauthorised(handler)

            with (
                recording(away) as (port, first),
                pytest.raises(CloudError, match="a redirect, which is not followed") as caught,
            ):
                job_details(local(port, access_token=ACCESS), "abc")
            assert str(elsewhere) not in str(caught.value)
            assert first
        assert arrived == []


def test_renewals_go_to_the_same_host_and_need_a_refresh_token(caplog):
    caplog.set_level(logging.DEBUG)
    with recording(unauthorised) as (port, arrived):
        with pytest.raises(CloudError) as caught:
            job_details(local(port), "abc")
        assert [one.split()[1] for one in arrived] == [
            "/jobs/abc",
            "/auth/realms/platform/protocol/openid-connect/token",
        ]
        assert SECRET not in str(caught.value)
        with pytest.raises(CloudError, match="there is no refresh token"):
            job_details(local(port, refresh_token=None, access_token=ACCESS), "abc")
        assert len(arrived) == 3
    assert SECRET not in caplog.text
    assert ACCESS not in caplog.text
    assert SECRET not in repr(local(port)) + str(vars(caught.value))


def test_proxies_and_password_files_see_no_token(monkeypatch, tmp_path):
    with recording() as (proxy, seen), recording(lambda handler: (200, {}, b'{"status": "open"}')) as (port, arrived):
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
            monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{proxy}")
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        assert job_details(local(port, refresh_token=None, access_token=ACCESS), "abc")["status"] == "open"
        assert seen == []
        assert f"Authorization: Bearer {ACCESS}" in arrived[0]
        # With TLS a proxy is asked for a tunnel, and told nothing else.
        with pytest.raises(CloudError):
            fetch_device(connect(host="cloud.invalid", port=443, tls=True, access_token=ACCESS), "X8_01")
        assert seen
        assert all(one.startswith("CONNECT cloud.invalid:443") and ACCESS not in one for one in seen)


def test_tokens_come_from_one_source_and_kept_ones_are_for_their_host(monkeypatch, no_settings):
    no_settings.parent.mkdir()
    no_settings.write_text(
        f"XANADU_CLOUD_REFRESH_TOKEN={SECRET}\nXANADU_CLOUD_ACCESS_TOKEN={ACCESS}\nXANADU_CLOUD_HOST=cloud.example.org\n"
    )
    monkeypatch.setitem(xcc.Settings.model_config, "env_file", str(no_settings))
    kept = connect()
    assert (kept.host, kept.port, kept.tls, kept.refresh_token) == ("cloud.example.org", 443, True, SECRET)
    for place in ({"host": "127.0.0.1", "tls": False}, {"port": 8443}, {"host": "cloud.example.net"}):
        with pytest.raises(
            CloudError, match=r"settings is for cloud.example.org:443, not for .*--token-file"
        ) as caught:
            connect(**place)
        assert SECRET not in str(caught.value)
    monkeypatch.setenv("XANADU_CLOUD_HOST", "cloud.example.net")
    with pytest.raises(CloudError, match="settings is for"):
        connect()
    # A token that is given goes alone.
    given = connect(refresh_token="other")
    assert (given.host, given.refresh_token, given.access_token) == ("cloud.example.net", "other", None)
    monkeypatch.setenv("XANADU_CLOUD_ACCESS_TOKEN", "third")
    assert (connect().refresh_token, connect().access_token) == (None, "third")


def test_a_cloud_that_repeats_the_token_puts_it_into_no_record(tmp_path, psn, monkeypatch):
    with emulator() as port:
        record = submitted(port, tmp_path)

    def echo(handler):
        if handler.path.startswith("/jobs/"):
            said = json.dumps({"status": "failed", "meta": {"error": f"token {ACCESS}", ACCESS: [SECRET]}})
            return 200, {}, said.encode()
        return 500, {}, json.dumps({"detail": f"bad {ACCESS}"}).encode()

    with recording(echo) as (port, _):
        Record.of(record.path, {**record.document, "port": port}).written()
        connection = local(port, access_token=ACCESS)
        done = refresh(Record.of(record.path, {**record.document, "port": port}), connection)
        assert done.state == "failed"
        assert done.document["details"]["meta"]["error"] == "token (token)"
        with pytest.raises(CloudError, match="bad \\(token\\)"):
            fetch_device(connection, "X8_01")
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"SECRET" not in path.read_bytes()


def test_a_token_is_no_option(psn, tmp_path):
    save_network(NETWORK, tmp_path / "n.json")
    for option in ("--token", "--refresh-token", "--access-token"):
        code, _, err = psn("hardware", "submit", tmp_path / "n.json", "--device", "X8", "--shots", 9, option, "x")
        assert code == 2
        assert "No such option" in err
