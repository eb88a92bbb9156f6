# The module `mip` of an ESP32: installs a package from an index, or from an address. Sockets go where
# the board may go, so an index is reached that this computer has or that is allowed.
# Below: requests.py. Above: the prompt. The format is that of micropython.org/pi/v2.
import requests as _requests

_INDEX = "https://micropython.org/pi/v2"


def _there(path, hash):
    # A file with the first letters of that SHA-256.
    import hashlib

    digest = hashlib.sha256()
    try:
        with open(path, "rb") as f:
            while True:
                piece = f.read(512)
                if not piece:
                    break
                digest.update(piece)
    except OSError:
        return False
    return "".join(["%02x" % b for b in digest.digest()]).startswith(hash)


def _make_folders(path):
    import os

    made = ""
    for name in path.split("/")[:-1]:
        made += name
        if made:
            try:
                os.mkdir(made)
            except OSError as e:
                if e.errno != 17:
                    raise
        made += "/"


def _address(url, version):
    # What stands for a file on a site that has versions.
    for prefix, form in (
        ("github:", "https://raw.githubusercontent.com/%s/%s/%s/%s"),
        ("gitlab:", "https://gitlab.com/%s/%s/-/raw/%s/%s"),
    ):
        if url.startswith(prefix):
            owner, repository, path = (url[len(prefix) :].split("/", 2) + [""])[:3]
            return form % (owner, repository, version or "HEAD", path)
    return url


def _fetch(url, path):
    print("Copying:", path)
    answer = _requests.get(url)
    try:
        if answer.status_code != 200:
            print("Error", answer.status_code, "requesting", url)
            return False
        _make_folders(path)
        with open(path, "wb") as f:
            while True:
                piece = answer.raw.read(512)
                if not piece:
                    return True
                f.write(piece)
    finally:
        answer.close()


def _install_listed(url, index, target, version, mpy):
    answer = _requests.get(_address(url, version))
    try:
        if answer.status_code != 200:
            print("Package not found:", _address(url, version))
            return False
        package = answer.json()
    finally:
        answer.close()
    for path, hash in package.get("hashes", ()):
        where = target + "/" + path
        if _there(where, hash):
            print("Exists:", where)
        elif not _fetch("%s/file/%s/%s" % (index, hash[:2], hash), where):
            return False
    base = url.rsplit("/", 1)[0]
    for path, file in package.get("urls", ()):
        if "://" not in file and not file.startswith(("github:", "gitlab:")):
            file = base + "/" + file
        if not _fetch(_address(file, version), target + "/" + path):
            return False
    for name, wanted in package.get("deps", ()):
        if not _install(name, index, target, wanted, mpy):
            return False
    return True


def _install(package, index, target, version, mpy):
    if package.startswith(("http://", "https://", "github:", "gitlab:")):
        if package.endswith((".py", ".mpy")):
            print("Downloading %s to %s" % (package, target))
            return _fetch(_address(package, version), target + "/" + package.rsplit("/", 1)[1])
        if not package.endswith(".json"):
            package = package.rstrip("/") + "/package.json"
        print("Installing %s to %s" % (package, target))
    else:
        import sys

        version = version or "latest"
        print("Installing %s (%s) from %s to %s" % (package, version, index, target))
        form = sys.implementation._mpy & 0xFF if mpy else "py"
        package = "%s/package/%s/%s/%s.json" % (index, form, package, version)
    return _install_listed(package, index, target, version, mpy)


def install(package, index=None, target=None, version=None, mpy=True):
    if not target:
        import sys

        for path in sys.path:
            if path.endswith("/lib"):
                target = path
                break
        else:
            print("Unable to find lib dir in sys.path")
            return
    if _install(package, (index or _INDEX).rstrip("/"), target, version, mpy):
        print("Done")
    else:
        print("Package may be partially installed")
