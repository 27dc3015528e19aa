"""How Sphinx makes the site of these pages: ``make docs``. Nothing is fetched, neither to build it nor to read it."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_extensions"), str(HERE.parent)]

# Linear algebra on one thread: pages are built in several processes, and the kernels of tutorials inherit this.
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
# Figures of tutorials are SVG; kernels read this folder, and nobody's own settings.
os.environ["IPYTHONDIR"] = str(HERE / "_ipython")
# Command lines in pages print as on a terminal of this width.
os.environ["COLUMNS"] = "100"


def mathjax() -> Path:
    """MathJax in one file, with every extension of TeX, from the package sphinx-mathjax-offline; its extension copies 24 MB."""
    found = find_spec("sphinx-mathjax-offline")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "static" / "mathjax" / "tex-svg-full.js"


project = "photonic-sensor-networks"
author = "The photonic-sensor-networks team"
copyright = "the photonic-sensor-networks team"
release = version = version_of("photonic-sensor-networks")
language = "en"
# Two hyphens are an option, and quotation marks those of code.
smartquotes = False

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "sphinx_design",
    "api_pages",
    "command_pages",
    "plain_text",
    "links",
]
if any((HERE / "gallery").glob("plot_*.py")):
    extensions.append("sphinx_gallery.gen_gallery")
    sphinx_gallery_conf = {
        "examples_dirs": "gallery",
        "gallery_dirs": "gallery_built",  # beside its scripts, which are looked for in all of their folder
        "abort_on_example_error": True,
        "download_all_examples": False,
        "image_scrapers": ("matplotlib", "drawings"),
        "min_reported_time": 1e9,  # how long a figure takes is not what its page is about
        "plot_gallery": True,
        "remove_config_comments": True,
        "show_memory": False,
        "show_signature": False,
        "write_computation_times": False,
        "within_subsection_order": "FileNameSortKey",
    }
exclude_patterns = ["_build", "_extensions", "_ipython", "gallery", "gallery_built/*.ipynb"]
nitpicky = True
# Types of other packages: their inventories would have to be fetched.
nitpick_ignore_regex = [
    (
        r"py:.*",
        r"(numpy|np|scipy|pandas|pd|networkx|nx|sympy|matplotlib|rich|strawberryfields|perceval|qutip|xarray|xr)\..*",
    ),
    (r"py:.*", r"(fractions|collections|dataclasses|pathlib|types|typing|datetime|os|abc|enum|random|io)\..*"),
    # Imported for type checkers only, so that they stay as they are written.
    (r"py:class", r"ArrayLike|Axes|Console|Figure|Path|csc_array"),
    # Variables of types.
    (r"py:(class|obj)", r".*\.(ProblemT|TaskT|Result_co)"),
]

# Pages in Markdown, and tutorials as notebooks in Markdown: run at every build, and an error in a cell is an error of the build.
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 120
nb_merge_streams = True

# Docstrings.
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
add_module_names = False
toc_object_entries_show_parents = "hide"

# Formulas: drawn by the copy of MathJax in the site. As SVG they need no fonts, which some browsers do not load from files.
mathjax_path = mathjax().name
mathjax3_config = {
    "tex": {
        "macros": {
            "E": r"\operatorname{E}",
            "Var": r"\operatorname{Var}",
            "Cov": r"\operatorname{Cov}",
            "Tr": r"\operatorname{Tr}",
            "diag": r"\operatorname{diag}",
            "arsinh": r"\operatorname{arsinh}",
            "nbar": r"\bar n",
            "abs": [r"\left|#1\right|", 1],
            # Without \left and \right, which MathJax 3 draws too short about small letters.
            "norm": [r"\lVert#1\rVert", 1],
            "normP": [r"\lVert#1\rVert_{\mathcal P}", 1],
            "normN": [r"\lVert#1\rVert_{\mathcal N}", 1],
            "ket": [r"\left|#1\right\rangle", 1],
            "bra": [r"\left\langle#1\right|", 1],
            "braket": [r"\left\langle#1\middle|#2\right\rangle", 2],
            "ceil": [r"\left\lceil#1\right\rceil", 1],
            "floor": [r"\left\lfloor#1\right\rfloor", 1],
        }
    },
    # Screen readers have the assistive MathML; the menu's explorer would load speech rules, which files may not.
    "options": {"enableMenu": False},
}

html_context = {"default_mode": "auto"}
html_theme = "pydata_sphinx_theme"
html_title = "photonic-sensor-networks"
html_static_path = ["_static", str(mathjax())]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
# Pages opened as files cannot read other files, of which summaries are made.
html_show_search_summary = False
html_theme_options = {
    "logo": {"text": "photonic-sensor-networks"},
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "header_links_before_dropdown": 8,
}
html_sidebars = {"index": [], "changelog": [], "bibliography": []}
