/* What only the browser can do: wait until typing has paused, know its colours, and save a figure. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.explorer = {
  latest: 0,

  /* The network when it has not changed for a moment; what was overtaken says nothing. */
  settle: async function (history) {
    const explorer = window.dash_clientside.explorer;
    const mine = ++explorer.latest;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return mine === explorer.latest ? history.text : window.dash_clientside.no_update;
  },

  /* Whether the browser wants dark colours, now and later. */
  watchColours: function () {
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", (event) => window.dash_clientside.set_props("dark", { data: event.matches }));
    return dark.matches;
  },

  /* The figure of the button that was pressed, in the format that its id ends with. */
  saveFigure: function () {
    const [name, format] = window.dash_clientside.callback_context.triggered_id.split("-");
    const drawn = document.querySelector("#" + name + "-figure .js-plotly-plot");
    if (drawn) {
      window.Plotly.downloadImage(drawn, { format: format, filename: name, width: 900, height: 560, scale: 2 });
    }
    return window.dash_clientside.no_update;
  },
};
