"""A sketch: what a page sends is a list of shapes within bounds, or refused; and what is kept can be drawn."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions import sketch
from questions.running.drawing import drawn, schema
from questions.sketch import HEIGHT, MOST_LETTERS, MOST_POINTS, MOST_SHAPES, SMALLEST_SIDE, WIDTH

BOX = {"id": 1, "kind": "box", "x": 20, "y": 20, "w": 120, "h": 50, "text": "API"}
OTHER = {"id": 2, "kind": "text", "x": 300, "y": 200, "w": 120, "h": 50, "text": "<b>Feature store</b> & more"}
ARROW = {"id": 3, "kind": "arrow", "from": 1, "to": 2, "text": "nightly"}
STROKE = {"id": 4, "kind": "stroke", "points": [10, 10, 20, 15]}
WORDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=MOST_LETTERS
)


@st.composite
def sketches(draw):
    nodes = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        w, h = draw(st.integers(SMALLEST_SIDE, WIDTH)), draw(st.integers(SMALLEST_SIDE, HEIGHT))
        place = {"x": draw(st.integers(0, WIDTH - w)), "y": draw(st.integers(0, HEIGHT - h)), "w": w, "h": h}
        nodes.append({"id": number, "kind": draw(st.sampled_from(["box", "text"])), **place, "text": draw(WORDS)})
    shapes = list(nodes)
    ends = st.lists(st.integers(1, len(nodes)), min_size=2, max_size=2, unique=True)
    for pair in draw(st.lists(ends, max_size=4)) if len(nodes) > 1 else []:
        shapes.append({"id": 100 + len(shapes), "kind": "arrow", "from": pair[0], "to": pair[1], "text": draw(WORDS)})
    point = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT))
    for points in draw(st.lists(st.lists(point, min_size=2, max_size=20), max_size=2)):
        shapes.append({"id": 100 + len(shapes), "kind": "stroke", "points": [n for pair in points for n in pair]})
    return draw(st.permutations(shapes))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=40, deadline=None)
@given(shapes=sketches())
def test_every_sketch_within_bounds_is_kept_and_drawn_as_whole_markup_of_known_parts(shapes):
    read = sketch.read(json.dumps(shapes))
    assert read == shapes
    picture = ElementTree.fromstring(sketch.svg(read))
    names = {node.tag.rpartition("}")[2] for node in picture.iter()}
    assert names <= {"svg", "rect", "text", "polyline", "polygon"}
    assert not any("style" in node.attrib or name.startswith("on") for node in picture.iter() for name in node.attrib)
    nodes = [shape for shape in shapes if "x" in shape]
    assert len(sketch.described(read)) >= len(nodes)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_wrong_value_is_refused_or_still_a_sketch_and_nothing_else_happens(data):
    shapes = json.loads(json.dumps([BOX, OTHER, ARROW, STROKE]))
    shape = data.draw(st.sampled_from(shapes))
    shape[data.draw(st.sampled_from([*shape, "style"]))] = data.draw(anything)
    text = json.dumps(data.draw(st.sampled_from([shapes, shape, {"shapes": shapes}, [shapes]])))
    try:
        read = sketch.read(text)
    except ValueError:
        return
    ElementTree.fromstring(sketch.svg(read))
    assert read == json.loads(text)


@pytest.mark.parametrize(
    "shapes",
    [
        [],
        [BOX | {"x": WIDTH - 119}],
        [BOX | {"x": True}],
        [BOX | {"x": 20.0}],
        [BOX | {"text": "\ud800"}],
        [BOX | {"text": "a\nb"}],
        [BOX | {"text": "x" * (MOST_LETTERS + 1)}],
        [BOX | {"onload": "alert(1)"}],
        [BOX, BOX],
        [BOX, ARROW],
        [BOX, OTHER, ARROW | {"to": 1}],
        [BOX, STROKE, ARROW | {"to": 4}],
        [STROKE | {"points": [1, 2, 3]}],
        [STROKE | {"points": [1, 2] * (MOST_POINTS + 1)}],
        [BOX | {"id": number} for number in range(1, MOST_SHAPES + 2)],
    ],
)
def test_out_of_bounds_is_refused(shapes):
    with pytest.raises(ValueError, match="sketch"):
        sketch.read(json.dumps(shapes))


@pytest.mark.parametrize("text", ["", "x", "[" * 19_000, f"[{'9' * 9000}]", "[NaN]", "null", "{}"])
def test_what_is_no_json_of_shapes_is_refused(text):
    with pytest.raises(ValueError, match="sketch"):
        sketch.read(text)


def test_it_is_told_in_words():
    assert sketch.described([BOX, OTHER | {"text": ""}, ARROW, STROKE]) == [
        "Box “API”",
        "Text 2",
        "Arrow from box “API” to text 2: nightly",
        "1 freehand line",
    ]


def test_a_schema_leads_from_a_column_to_the_table_that_it_names_and_tables_apart_have_none():
    orders = "CREATE TABLE orders (id INTEGER PRIMARY KEY, bought_by INTEGER REFERENCES customers (id));"
    customers = "CREATE TABLE customers (id INTEGER PRIMARY KEY);"
    picture = schema(drawn(customers + orders))
    assert "Arrow from box “orders” to box “customers”: bought_by" in picture
    assert ElementTree.fromstring(picture).get("viewBox") == "0 0 560 75"
    assert schema(drawn(customers)) == schema(()) == ""
