# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An SFTP server on loopback, with what may go wrong with one."""

import contextlib
import errno
import os
import socket
import threading

import paramiko

USER, PASSWORD = "backup", "correct horse"


class Server:
    """Serves `folder` until it is closed; see the attributes for its weaknesses."""

    def __init__(self, folder):
        self.folder = folder
        self.key = paramiko.ECDSAKey.generate()
        self.quota = None  # bytes that a file may have: after them the disk is full
        self.may_delete = True
        self.authorized = None  # a public key
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def host_key(self):
        """The server's public key, as in a known_hosts file."""
        return f"{self.key.get_name()} {self.key.get_base64()}"

    def close(self):
        """Take no more connections, not even the one that the thread waits for."""
        with contextlib.suppress(OSError):  # closed already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _address = self._socket.accept()
                transport = paramiko.Transport(connection)
                transport.add_server_key(self.key)
                transport.set_subsystem_handler(
                    "sftp", paramiko.SFTPServer, _Files, disk=self
                )
                # A client that goes away in the middle (it saw another key than it
                # knows) must not take the server with it; a reset is an OSError.
                with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                    transport.start_server(server=_Logins(self))


class _Logins(paramiko.ServerInterface):
    def __init__(self, server):
        self._server = server

    def get_allowed_auths(self, _username):
        return "password,publickey"

    def check_auth_password(self, username, password):
        ok = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if ok else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username, key):
        ok = username == USER and key == self._server.authorized
        return paramiko.AUTH_SUCCESSFUL if ok else paramiko.AUTH_FAILED

    def check_channel_request(self, _kind, _channel):
        return paramiko.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, _login, disk):
        self._server = disk

    def _path(self, path):
        return self._server.folder / self.canonicalize(path).lstrip("/")

    def _status(self, call, *arguments):
        try:
            call(*arguments)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return paramiko.SFTP_OK

    def stat(self, path):
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path, flags, _attributes):
        try:
            descriptor = os.open(self._path(path), flags, 0o644)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle = _Handle(flags)
        handle.server = self._server
        handle.writefile = os.fdopen(descriptor, "wb")
        return handle

    def remove(self, path):
        if not self._server.may_delete:
            return paramiko.SFTP_PERMISSION_DENIED
        return self._status(os.remove, self._path(path))

    def rename(self, old, new):
        return self._status(os.rename, self._path(old), self._path(new))

    posix_rename = rename

    def chattr(self, path, attributes):
        return self._status(os.chmod, self._path(path), attributes.st_mode)


class _Handle(paramiko.SFTPHandle):
    server = None

    def write(self, offset, data):
        quota = self.server.quota
        if quota is not None and offset + len(data) > quota:
            return paramiko.SFTPServer.convert_errno(errno.ENOSPC)
        return super().write(offset, data)

    def chattr(self, attributes):
        os.fchmod(self.writefile.fileno(), attributes.st_mode)
        return paramiko.SFTP_OK
