"""Nothing in our code makes code of data: no pickles, no evaluation, no names looked up that a text holds."""

import ast

import pytest
from django.conf import settings

from tests.unit.test_linear import ROOT, files

MODULES = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "pydoc", "imp", "code"}
CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "import_string",
    "import_module",
    "locate",
    "literal_eval",
    "reduce_ex",
}
FILES = files()


def uses(text: str) -> list[str]:
    """What of the forbidden a module imports or calls; `re.compile` is another thing."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name.split(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom):
            found += [str(node.module)] if str(node.module).split(".")[0] in MODULES else []
            found += [one.name for one in node.names if one.name in CALLS]
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            is_pattern = isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "re.compile"
            found += [name] if name in CALLS and not is_pattern else []
    return found


def test_no_module_of_ours_does() -> None:
    assert len(FILES) > 300
    assert {str(path.relative_to(ROOT)): used for path in FILES if (used := uses(path.read_text()))} == {}


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from marshal import loads",
        "eval(x)",
        "importlib.import_module(name)",
        "import_string(x)",
        "from django.utils.module_loading import import_string",
        "import pydoc",
        "builtins.exec(x)",
        "compile(x, '', 'exec')",
    ],
)
def test_it_would_be_told(text: str) -> None:
    assert uses(text) != []
    assert uses("re.compile('x')") == []


def test_what_libraries_keep_for_us_is_json() -> None:
    assert settings.CACHES["default"]["BACKEND"] == "ipaas.cache.JsonCache"
    assert settings.CACHES["queue"]["BACKEND"] == "django.core.cache.backends.dummy.DummyCache"
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    assert settings.MESSAGE_STORAGE == "django.contrib.messages.storage.fallback.FallbackStorage"  # JSON in both
