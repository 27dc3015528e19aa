"""Settings of the kernels that run tutorials: figures are shown as SVG, also those that pyplot has not made."""

c = get_config()  # noqa: F821  # IPython's
c.InteractiveShellApp.matplotlib = "inline"
c.InlineBackend.figure_formats = {"svg"}
# That kernels talk to nbclient over TCP on this machine is no news.
c.IPKernelApp.log_level = 40

# Shell cells print in one piece: of IPython's own chunks of output MyST-NB would put each on lines of its own.
c.InteractiveShellApp.exec_lines = [
    """
import subprocess
from IPython.core.magic import register_cell_magic

@register_cell_magic
def bash(line, cell):
    done = subprocess.run(["bash", "-c", cell], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout, end="")
    done.check_returncode()
"""
]
