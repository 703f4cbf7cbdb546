# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where backups are kept: a folder of the server, or one reached by SFTP.

A backup is written as NAME.part and gets its name when it is complete and of the
size that was sent, so a file with a backup's name is a whole backup.
"""

import base64
import contextlib
import hashlib
import io
import logging
import os
import socket
from pathlib import Path

import paramiko

PART = ".part"
TIMEOUT = 30  # seconds for each answer of an SFTP server
KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)

# Its messages of failed connections come as exceptions as well.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class Sink:
    """What an encrypted backup is written to; counts and hashes what goes through."""

    def __init__(self, stream):
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0
        self.error = None

    def write(self, data):  # pylint: disable=method-required-super
        """Write `data`; what goes wrong is kept in `error`, in words.

        SFTP servers say no more of a full disk than “Failure”.
        """
        try:
            self._stream.write(data)
        except Exception as error:
            self.error = OSError(f"It could not be stored (disk full?): {error}")
            raise
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    def flush(self):
        """Do nothing: storing it safely is up to the destination."""

    @property
    def sha256(self):
        """The checksum of what was written, in hexadecimal."""
        return self._hash.hexdigest()


class Folder:
    """A folder of the server."""

    def __init__(self, path):
        self._path = Path(path)

    def __enter__(self):
        """Return itself, once the folder is known to be there.

        :raises OSError: it is not
        """
        if not self._path.is_dir():
            raise NotADirectoryError(f"There is no folder {self._path}.")
        return self

    def __exit__(self, *_error):
        """Do nothing."""

    @contextlib.contextmanager
    def store(self, name):
        """Yield a Sink; what was written becomes `name` if all goes well."""
        part = self._path / (name + PART)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                yield (sink := Sink(stream))
                stream.flush()
                os.fsync(stream.fileno())
            _check_size(part.stat().st_size, sink)
            part.rename(self._path / name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        self._sync()

    def remove(self, name):
        """Delete the backup `name`, if it is there."""
        (self._path / name).unlink(missing_ok=True)

    def _sync(self):
        """Have the file's name on the disk as well."""
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Sftp:
    """A folder of another server, reached by SFTP."""

    def __init__(self, host, port, user, folder, *, host_key, password=None, key=None):
        """Describe the server.

        :param host_key: its public key, as in a known_hosts file: `ssh-ed25519 AAAA…`
        :param key: a private key as text, else `password` is used
        """
        self._host, self._port = host, port
        self._user, self._password, self._key = user, password, key
        self._folder = folder or "."
        self._host_key = host_key
        self._client = self._sftp = None

    def __enter__(self):
        """Connect.

        :raises ConnectionError: saying what is wrong
        """
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        expected = parse_host_key(self._host_key)
        name = self._host if self._port == 22 else f"[{self._host}]:{self._port}"
        client.get_host_keys().add(name, expected.get_name(), expected)
        try:
            client.connect(
                self._host,
                self._port,
                self._user,
                password=None if self._key else self._password,
                pkey=parse_private_key(self._key) if self._key else None,
                allow_agent=False,
                look_for_keys=False,
                timeout=TIMEOUT,
                banner_timeout=TIMEOUT,
                auth_timeout=TIMEOUT,
            )
            client.get_transport().set_keepalive(TIMEOUT)
            self._sftp = client.open_sftp()
            self._sftp.get_channel().settimeout(TIMEOUT * 4)
            self._sftp.chdir(self._folder)
        except paramiko.BadHostKeyException as error:
            client.close()
            raise ConnectionError(
                f"{name} is not the server it should be: it shows the key "
                f"{fingerprint(error.key)}, expected is {fingerprint(expected)}."
            ) from None
        except paramiko.AuthenticationException as error:
            client.close()
            raise ConnectionError(
                f"{name} does not let {self._user} in: {error}"
            ) from None
        except (paramiko.SSHException, OSError, EOFError) as error:
            client.close()
            what = getattr(error, "strerror", None) or str(error)
            raise ConnectionError(
                f"{name}, folder {self._folder}: {what or type(error).__name__}"
            ) from None
        self._client = client
        return self

    def __exit__(self, *_error):
        """Disconnect."""
        self._client.close()

    @contextlib.contextmanager
    def store(self, name):
        """Yield a Sink; what was written becomes `name` if all goes well."""
        part = name + PART
        try:
            with self._sftp.open(part, "wx") as stream:
                with contextlib.suppress(OSError):  # some servers have no modes
                    stream.chmod(0o600)
                stream.set_pipelined(True)
                yield (sink := Sink(stream))
            _check_size(self._sftp.stat(part).st_size, sink)
            try:
                self._sftp.posix_rename(part, name)
            except OSError:  # not known to the server: the old way does here too
                self._sftp.rename(part, name)
        except BaseException:
            with contextlib.suppress(Exception):  # the first error is the one to tell
                self._sftp.remove(part)
            raise

    def remove(self, name):
        """Delete the backup `name`, if it is there."""
        with contextlib.suppress(FileNotFoundError):
            self._sftp.remove(name)


def parse_host_key(text):
    """Return the public key of a server from `ssh-ed25519 AAAA…`.

    A name or address before it, as in known_hosts, may stay.

    :raises ValueError: it is none
    """
    words = text.split()
    for kind, data in zip(words, words[1:], strict=False):
        if kind.startswith(("ssh-", "ecdsa-")):
            try:
                return paramiko.PKey.from_type_string(kind, base64.b64decode(data))
            except Exception as error:  # whatever the library makes of nonsense
                raise ValueError(f"{kind}: {error}") from error
    raise ValueError(text)


def parse_private_key(text):
    """Return the private key in `text`, which has no passphrase.

    :raises ValueError: it is none
    """
    for kind in KEYS:
        with contextlib.suppress(paramiko.SSHException, ValueError, IndexError):
            return kind.from_private_key(io.StringIO(text.strip() + "\n"))
    raise ValueError("no private key without a passphrase")


def fetch_host_key(host, port):
    """Return the public key that a server shows, for people to compare.

    :raises ConnectionError: it does not answer
    """
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT) as connection:
            transport = paramiko.Transport(connection)
            try:
                transport.start_client(timeout=TIMEOUT)
                key = transport.get_remote_server_key()
            finally:
                transport.close()
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise ConnectionError(f"{host}:{port}: {error}") from None
    return f"{key.get_name()} {key.get_base64()}"


def fingerprint(key):
    """Return the fingerprint of a public key, as ssh-keygen prints it."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode()
    return f"SHA256:{digest.rstrip('=')}"


def _check_size(size, sink):
    if size != sink.size:
        raise OSError(f"{sink.size} bytes were sent, {size} are stored.")
