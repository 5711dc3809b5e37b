"""The syntax that CloudFront Functions may use."""

import subprocess

import pytest

from safelight_local.emulator.edge_syntax import undocumented_syntax


@pytest.mark.parametrize(
    "code",
    [
        "import cf from 'cloudfront'; const a = 1; let b = [a]; var c = {d: b[0], 'e-f': 1};",
        "async function handler(event) { return await read(event); }",
        "const f = (a, ...more) => `${a} ${more.length}`;",
        "for (const a in b) { switch (a) { case 1: break; default: continue; } }",
        "try { f(); } catch (error) { throw new Error(error); } finally { g(); }",
        "do { a += 2 ** 3; } while (a < 1_000 && !/(?<name>x)/s.test(a) || a ? 1 : 2);",
    ],
)
def test_syntax_that_aws_documents_is_not_listed(code: str) -> None:
    assert undocumented_syntax(code) == ()


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("const [a] = b;", "ArrayPattern"),
        ("const {a} = b;", "ObjectPattern"),
        ("a?.b;", "?."),
        ("a?.();", "?."),
        ("a ?? b;", "??"),
        ("a ||= b;", "||="),
        ("f(...a);", "SpreadElement"),
        ("const a = {...b};", "SpreadElement"),
        ("for (const a of b) f(a);", "ForOfStatement"),
        ("function f(a = 1) {}", "AssignmentPattern"),
        ("class A {}", "ClassDeclaration"),
        ("function* f() {}", "generator"),
        ("try { f(); } catch { g(); }", "catch without a parameter"),
        ("const a = {b};", "short property"),
        ("const a = 1n;", "bigint"),
        ("import {a} from 'crypto';", "ImportSpecifier"),
        ("f(async () => 1);", "async function in a function or an argument"),
        ("function f() { async function g() {} }", "async function in a function or an argument"),
    ],
)
def test_other_syntax_is_listed_with_its_line(code: str, found: str) -> None:
    assert f"line 2: {found}" in undocumented_syntax(f"\n{code}")


def test_code_that_cannot_be_parsed_is_an_error() -> None:
    with pytest.raises(subprocess.CalledProcessError) as raised:
        undocumented_syntax("function {")
    assert "SyntaxError" in raised.value.stderr
