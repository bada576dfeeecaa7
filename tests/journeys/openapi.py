"""LINE's OpenAPI files as a judge of requests: strict, so that a misspelt field is a fault too."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml
from openapi_schema_validator import OAS30WriteValidator, oas30_format_checker

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/"
METHODS = ("get", "post", "put", "delete")
NO_BODY = object()


@dataclass(frozen=True)
class Operation:
    """One method of one path, in the file that describes it."""

    file: "File"
    path: str
    method: str
    described: Json

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(self.path)))

    def faults(self, request: Json) -> Iterator[str]:
        """What is wrong with a request of the ledger."""
        yield from self._parameter_faults("query", dict(parse_qsl(request["query"], True)))
        named = {name.lower(): value for name, value in request["headers"].items()}
        retry = {name: value for name, value in named.items() if name == "x-line-retry-key"}
        yield from self._parameter_faults("header", retry)
        body = request["json"] if request["json"] is not None else request["fields"] or NO_BODY
        yield from self._body_faults(named.get("content-type", "").partition(";")[0], body)

    def _parameter_faults(self, place: str, given: Mapping[str, str]) -> Iterator[str]:
        described = [self.file.resolved(each) for each in self.described.get("parameters", ())]
        known = {each["name"].lower(): each for each in described if each["in"] == place}
        for name in given.keys() - known.keys():
            yield f"{place} parameter {name} is unknown"
        for name, about in known.items():
            if name in given:
                value = _as_written(given[name], self.file.resolved(about["schema"]))
                yield from self.file.faults(about["schema"], value)
            elif about.get("required"):
                yield f"{place} parameter {name} is missing"

    def _body_faults(self, content_type: str, body: Any) -> Iterator[str]:
        content = self.described.get("requestBody", {}).get("content", {})
        kinds = [kind for kind in content if _covers(kind, content_type)]
        if not content:
            if body is not NO_BODY:
                yield "takes no body"
        elif not kinds:
            yield f"Content-Type {content_type} is none of {', '.join(content)}"
        elif content_type in ("application/json", "application/x-www-form-urlencoded"):
            if body is NO_BODY:
                yield "has no body"
            else:
                yield from self.file.faults(content[kinds[0]]["schema"], body)


def _covers(kind: str, content_type: str) -> bool:
    return kind in (content_type, "*/*") or kind == content_type.partition("/")[0] + "/*"


def _as_written(value: str, schema: Json) -> Any:
    return int(value) if schema.get("type") == "integer" and value.lstrip("-").isdigit() else value


class File:
    """One of LINE's files, its schemas made plain: what is inherited is spelt out, a discriminator
    is a choice, and nothing but what is described may be there."""

    def __init__(self, path: Path) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._whole: Json = yaml.load(path.read_text("utf-8"), loader)  # noqa: S506 - it is safe
        self._raw: Json = self._whole.get("components", {}).get("schemas", {})
        plain = {name: self._plain(name) for name in self._raw}
        self._document = {"components": {"schemas": plain}}

    @property
    def operations(self) -> Iterator[Operation]:
        for path, item in self._whole["paths"].items():
            for method in METHODS:
                if method in item:
                    shared = item.get("parameters", [])
                    described = item[method]
                    parameters = [*shared, *described.get("parameters", [])]
                    yield Operation(
                        self, path, method.upper(), described | {"parameters": parameters}
                    )

    def resolved(self, what: Json) -> Json:
        """What a reference leads to."""
        while "$ref" in what:
            found: Any = self._whole
            for part in what["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            what = found
        return what

    def faults(self, schema: Json, value: Any) -> Iterator[str]:
        validator = OAS30WriteValidator(
            self._document | self._strict(schema), format_checker=oas30_format_checker
        )
        for error in validator.iter_errors(value):
            yield from _told(error)

    def _plain(self, name: str) -> Json:
        schema = self._raw[name]
        mapping = schema.get("discriminator", {}).get("mapping")
        if not mapping:
            return self._strict(schema)
        kind = schema["discriminator"]["propertyName"]
        return {"oneOf": [self._choice(kind, *each) for each in mapping.items()]}

    def _choice(self, kind: str, value: str, reference: str) -> Json:
        whole = self._strict(self._raw[reference.removeprefix(SCHEMAS)])
        named = {kind: {"type": "string", "enum": [value]}}
        return whole | {
            "properties": whole["properties"] | named,
            "required": sorted({*whole.get("required", ()), kind}),
        }

    def _strict(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self._strict(each) for each in schema]
        if not isinstance(schema, dict) or "$ref" in schema:
            return schema
        schema = self._spelt_out(schema)
        strict = {
            name: self._strict(value)
            for name, value in schema.items()
            if name not in ("properties", "discriminator", "example", "examples", "externalDocs")
        }
        if properties := schema.get("properties"):
            strict["properties"] = {name: self._strict(each) for name, each in properties.items()}
            strict.setdefault("additionalProperties", False)
        return strict

    def _spelt_out(self, schema: Json) -> Json:
        """With what it inherits."""
        if "allOf" not in schema:
            return schema
        parts = [schema, *(self._spelt_out(self.resolved(each)) for each in schema["allOf"])]
        merged = {name: value for part in reversed(parts) for name, value in part.items()}
        merged.pop("allOf")
        merged.pop("discriminator", None)
        return merged | {
            "type": "object",
            "properties": {k: v for part in parts for k, v in part.get("properties", {}).items()},
            "required": sorted({name for part in parts for name in part.get("required", ())}),
        }


def _told(error: Any) -> Iterator[str]:
    """Of a choice, only what is wrong with the one that was meant."""
    if error.validator != "oneOf" or not error.context:
        yield f"{error.json_path}: {error.message}"
        return
    wrong_kind = {e.schema_path[0] for e in error.context if e.validator == "enum"}
    meant = [e for e in error.context if e.schema_path[0] not in wrong_kind]
    for each in meant or error.context:
        yield from _told(each)


class Judge:
    def __init__(self, folder: Path) -> None:
        files = [File(path) for path in sorted(folder.glob("*.yml")) if path.stem != "webhook"]
        self._operations = [each for file in files for each in file.operations]

    def faults(self, request: Json) -> list[str]:
        """What is wrong with a request of the ledger; nothing when it is as LINE says."""
        fitting = [
            each
            for each in self._operations
            if each.method == request["method"] and each.pattern.fullmatch(request["path"])
        ]
        if not fitting:
            return ["no such method and path"]
        # "{userId}" also fits "all": what names more of the path is meant.
        return list(min(fitting, key=lambda each: each.path.count("{")).faults(request))
