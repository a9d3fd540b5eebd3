from django.conf import settings


def test_the_one_stylesheet_is_its_layers_joined():
    """`./dev css` writes it; whoever edits the joined file loses their change at the next start."""
    css = settings.BASE_DIR / "static" / "css"
    layers = sorted((css / "layers").glob("*.css"))
    assert (css / "holdout.css").read_text() == "".join(layer.read_text() for layer in layers)


def test_every_layer_has_a_file_and_they_are_joined_in_the_order_of_the_rule():
    css = settings.BASE_DIR / "static" / "css" / "layers"
    order = (css / "0-order.css").read_text().split("@layer", 1)[1].split(";")[0]
    named = [name.strip() for name in order.split(",")]
    assert [path.stem.split("-", 1)[1] for path in sorted(css.glob("[1-9]-*.css"))] == named
