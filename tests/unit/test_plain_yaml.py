"""YAML as people write it by hand, and as they do not."""

import pytest
import yaml

from transforms.plain_yaml import MAX_DEPTH, check, compose, data

LAUGHS = "a: &a [x, x]\n" + "".join(f"{n}: &n{n} [*{'a' if not n else f'n{n - 1}'}, x]\n" for n in range(30))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", None),
        ("no", "no"),
        ("a: [false, 1944, ~]", {"a": ["false", "1944", "~"]}),
        ("[" * MAX_DEPTH + "]" * MAX_DEPTH, None),
    ],
)
def test_everything_is_text(text: str, read: object) -> None:
    found = data(compose(text))
    assert found == read or text.startswith("[[")


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        pytest.param(LAUGHS, "an alias (*name) is not read here", 2, id="billion laughs"),
        pytest.param("a: &a\n- *a", "an alias (*name) is not read here", 2, id="a circle"),
        pytest.param("[" * 100_000, "it is nested too deeply", 1, id="brackets"),
        pytest.param("- " * 100_000, "it is nested too deeply", 1, id="lists in lists"),
        pytest.param("{a: " * 100_000, "it is nested too deeply", 1, id="tables in tables"),
        pytest.param("x: 1\ny: 1\nx: 2", "'x' is there twice", 3, id="a key twice"),
        pytest.param("? [a]\n: 1", "a key must be a word", 1, id="a list for a key"),
    ],
)
def test_what_could_be_endless_is_refused_with_its_place(text: str, problem: str, line: int) -> None:
    with pytest.raises(yaml.MarkedYAMLError) as refused:
        data(compose(text))
    assert refused.value.problem == problem
    assert refused.value.problem_mark.line + 1 == line


def test_check_says_nothing_of_what_may_be_read() -> None:
    check("a: {b: [c, {d: e}]}")
