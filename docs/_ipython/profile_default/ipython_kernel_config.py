"""Settings of the kernels that run tutorials: figures are shown as SVG, also those that pyplot has not made."""

c = get_config()  # noqa: F821  # IPython's
c.InteractiveShellApp.matplotlib = "inline"
c.InlineBackend.figure_formats = {"svg"}
# That kernels talk to nbclient over TCP on this machine is no news.
c.IPKernelApp.log_level = 40
