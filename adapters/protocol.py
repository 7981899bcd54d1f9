"""The worker's protocol, as far as a program can check it: what each message and each answer looks like, made from the interface.

PROTOCOL.md has it in words, for whoever writes a program on it. protocol.schema.json is `schema()`, written by
`python -m sslspec.adapters.protocol > adapters/protocol.schema.json`.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, NotRequired, Union, get_args, get_origin, get_type_hints

from sslspec.adapters import errors, interface
from sslspec.adapters.interface import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = {str: "string", int: "integer", bool: "boolean", float: "number", NoneType: "null"}
_EVENT = {"$ref": "#/$defs/event"}
_OPEN = {
    "protocol": {"const": VERSION},
    "limit": {"type": "integer", "description": "Seconds that one operation may take before this process is killed."},
    "certificate_base64": {"type": "string", "description": "What servers show: DER, self-signed, P-256."},
    "key_base64": {"type": "string", "description": "Its key: DER, in SEC 1 form."},
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the protocol: of one line, in either direction.

    `$defs` holds `request` and `answer`, and for each operation what it is asked with (`args/NAME`) and what its answer is (`is/NAME`).
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A line of sslspec's worker protocol, version {VERSION}",
        "anyOf": [{"$ref": "#/$defs/request"}, {"$ref": "#/$defs/answer"}, {"$ref": "#/$defs/part"}],
        "$defs": {
            "request": _object(
                {"id": {"type": "integer"}, "operation": True, "args": True, "limit": {"type": "number"}},
                ("id", "operation", "args"),
                closed=True,
            )
            | {"oneOf": [_request(name) for name in _asked()]},
            "answer": {"oneOf": [_answer({"is": True}), *map(_refusal, _errors())]},
            "part": _object({"id": {"type": "integer"}, "so_far": {"type": "array", "items": _EVENT}}, closed=True),
            "event": _event(),
            "args": {name: args for name, (args, _) in _asked().items()},
            "is": {name: value for name, (_, value) in _asked().items()},
        },
    }


def complaints(message: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the form of the answer to a message, each in a line that begins with the place."""
    known = message["operation"] if message["operation"] in _asked() else ""
    validator = _validator(known if "error" not in answer else "")
    return [_complaint(error) for error in validator.iter_errors(answer)]


@cache
def _validator(operation: str) -> Any:
    """Return what checks the answers to an operation; for "" the errors that any may be answered with."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  # 100 ms that our own worker does without

    whole = schema()
    of = _answer({"is": {"$ref": f"#/$defs/is/{operation}"}}) if operation else _any_refusal()
    return Draft202012Validator({**of, "$defs": whole["$defs"]})


def _complaint(error: Any) -> str:
    place = ".".join(str(part) for part in error.absolute_path)
    return f"{place or 'the answer'}: {error.message[:200]}"


def _any_refusal() -> dict[str, Any]:
    """Say of an error first whether there is one of that name: `oneOf` would only say that none of them fits."""
    named = {"error": {"enum": [kind.__name__ for kind in _errors()]}}
    told = [{"if": {"properties": {"error": {"const": kind.__name__}}}, "then": _refusal(kind)} for kind in _errors()]
    return {"properties": named, "allOf": told}


def _errors() -> list[type[errors.AdapterError]]:
    return errors.AdapterError.__subclasses__()


@cache
def _asked() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return operation -> what it is asked with, and what its answer is; `open` first, and without `evidence`, which comes by itself."""
    opened = _array([_object(_OPEN)]), _object({"protocol": {"const": VERSION}})
    operations = {name: _operation(name) for name in interface.OPERATIONS if name != "evidence"}
    return {"open": opened, **operations}


def _operation(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    function = getattr(interface.Adapter, name)
    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    required = sum(parameter.default is parameter.empty for parameter in parameters)
    return _array([_of(hints[parameter.name]) for parameter in parameters], required), _of(hints["return"])


def _of(hint: Any) -> dict[str, Any]:
    """Return the schema of what a type hint of the interface allows; raises KeyError for one that JSON has no form for."""
    if hasattr(hint, "__supertype__"):
        return {"type": "string", "description": f"the name of a {hint.__name__.lower()}"}
    if get_origin(hint):
        return _of_generic(get_origin(hint), get_args(hint))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"enum": [str(value) for value in hint]}
    if hasattr(hint, "__required_keys__"):
        fields = get_type_hints(hint, include_extras=True)
        return _object({name: _of(one) for name, one in fields.items()}, [name for name in fields if not _may_lack(fields[name])])
    if hasattr(hint, "_fields"):
        return _array([_of(one) for one in get_type_hints(hint).values()])
    return {"type": _PLAIN[hint]}


def _may_lack(hint: Any) -> bool:
    # Not __required_keys__: annotations that are strings when the class is made are all required there.
    return get_origin(hint) is NotRequired


def _of_generic(origin: Any, inside: tuple[Any, ...]) -> dict[str, Any]:
    if origin in (Union, UnionType):
        return {"anyOf": [_of(one) for one in inside]}
    if origin in (list, Sequence):
        return {"type": "array", "items": _of(inside[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(inside[1])}
    return _of(*inside)  # NotRequired


def _request(operation: str) -> dict[str, Any]:
    return {"properties": {"operation": {"const": operation}, "args": {"$ref": f"#/$defs/args/{operation}"}}}


def _answer(of: Mapping[str, Any]) -> dict[str, Any]:
    return _object({"id": {"type": "integer"}, **of, "events": {"type": "array", "items": _EVENT}}, closed=True)


def _refusal(kind: type[errors.AdapterError]) -> dict[str, Any]:
    fields = get_type_hints(kind)
    told = {field.name: _of(fields[field.name]) for field in dataclasses.fields(kind)}  # type: ignore[arg-type]  # all of them are
    return _answer({"error": {"const": kind.__name__}, "with": _object(told, closed=True)})


def _event() -> dict[str, Any]:
    depth, of = {"depth": {"type": "integer", "minimum": 0}}, {"of": {"type": "array", "items": True}}
    name = {"type": "string"}
    return {
        "anyOf": [
            _object({"call": name, **of, "is": True, **depth}, ("call", "of", "is"), closed=True),
            _object({"observation": name, **of, "is": True, **depth}, ("observation", "of", "is"), closed=True),
            _object({"callback": name, **of, **depth}, ("callback", "of"), closed=True),
        ]
    }


def _array(items: list[dict[str, Any]], required: int | None = None) -> dict[str, Any]:
    least = len(items) if required is None else required
    return {"type": "array", "prefixItems": items, "items": False, "minItems": least} if items else {"type": "array", "maxItems": 0}


def _object(properties: Mapping[str, Any], required: Any = None, *, closed: bool = False) -> dict[str, Any]:
    said = {"type": "object", "properties": dict(properties), "required": sorted(properties if required is None else required)}
    return said | {"additionalProperties": False} if closed else said


if __name__ == "__main__":
    print(json.dumps(schema(), indent=1))  # noqa: T201  # it is asked for
