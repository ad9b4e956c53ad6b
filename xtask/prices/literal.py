"""Reads genai-prices' data without running it: a module of nothing but constructor calls."""

import ast
from datetime import date, time, timezone
from decimal import Decimal


class Record(dict):
    """A call of a constructor: its name, its keyword arguments as items."""

    def __init__(self, name, arguments):
        super().__init__(arguments)
        self.name = name


def assigned(source, name):
    """What a module assigns to `name` at its top."""
    for statement in ast.parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return _value(statement.value)
    raise ValueError(f"the module assigns no `{name}`; has the package changed its layout?")


def _value(node):
    match node:
        case ast.Constant(value=value):
            return value
        case ast.List(elts=items):
            return [_value(item) for item in items]
        case ast.Dict(keys=keys, values=values):
            return {_value(key): _value(value) for key, value in zip(keys, values)}
        case ast.Call(func=function, args=arguments, keywords=keywords):
            return _call(ast.unparse(function), [_value(item) for item in arguments], keywords)
        case ast.Attribute() if ast.unparse(node) in ("datetime.UTC", "datetime.timezone.utc"):
            return timezone.utc
    raise ValueError(f"line {node.lineno}: `{ast.unparse(node)[:60]}` is no plain data")


def _call(name, positional, keywords):
    if name == "Decimal":
        return Decimal(*positional)
    if name == "datetime.date":
        return date(*positional)
    named = {keyword.arg: _value(keyword.value) for keyword in keywords}
    if name == "datetime.time":
        return time(*positional, **named)
    if positional:
        raise ValueError(f"{name} is called with positional arguments")
    return Record(name, named)
