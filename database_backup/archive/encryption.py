# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Encryption with age (https://age-encryption.org), by its library pyrage.

Whoever makes a backup has public keys only. The age program itself can decrypt it.
"""

import pyrage


def recipients(text):
    """Return the public keys in `text`, one a line (age1… or an SSH key); # comments.

    :raises ValueError: naming the line that is none
    """
    found = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        kind = pyrage.ssh if line.startswith("ssh-") else pyrage.x25519
        try:
            found.append(kind.Recipient.from_str(line))
        except pyrage.RecipientError as error:
            raise ValueError(line) from error
    return found


def identities(text):
    """Return the private keys in `text`: a key file of age, or an SSH private key.

    :raises ValueError: there is none
    """
    try:
        if "PRIVATE KEY-----" in text:
            return [pyrage.ssh.Identity.from_buffer(text.encode())]
        found = [
            pyrage.x25519.Identity.from_str(line.strip())
            for line in text.splitlines()
            if line.strip() and not line.startswith("#")
        ]
    except pyrage.IdentityError as error:
        raise ValueError(str(error)) from error
    if not found:
        raise ValueError("no key in it")
    return found


def generate():
    """Return a new private key and its public key, as text."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def encrypt(source, sink, keys):
    """Encrypt what `source` reads into `sink`, for each of the public `keys`.

    :raises pyrage.EncryptError: `source` or `sink` raised; with its message
    """
    pyrage.encrypt_io(source, sink, keys)


def decrypt(source, sink, keys):
    """Decrypt `source` into `sink` by one of the private `keys`.

    :raises ValueError: the key does not fit, or the file was changed or is not whole
    """
    try:
        pyrage.decrypt_io(source, sink, keys)
    except pyrage.DecryptError as error:
        raise ValueError(
            f"It cannot be decrypted with this key: {error}. Is it the private key to "
            "a public key of the backup?"
        ) from error
    except OSError as error:
        if error.errno:  # of the disk
            raise
        raise ValueError(
            f"It was changed, or is only a part of a backup: {error}."
        ) from error
