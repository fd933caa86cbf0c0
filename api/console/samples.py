"""How a shop's server signs an identity token, in four languages; the files beside this one, with the ids filled in."""

from importlib.resources import files

_FILES = {"Python": "sign.py.txt", "Node.js": "sign.mjs.txt", "PHP": "sign.php.txt", "Java": "sign.java.txt"}


def samples(key_id: str, shop_id: str) -> dict[str, str]:
    folder = files("api.console") / "assets"
    texts = {name: (folder / file).read_text(encoding="utf-8") for name, file in _FILES.items()}
    return {name: text.replace("KEY_ID", key_id).replace("SHOP_ID", shop_id) for name, text in texts.items()}
