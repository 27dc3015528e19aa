/* What only the browser can do: wait until typing has paused, know its colours, and save a figure. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.explorer = {
  latest: 0,

  /* The network when it has not changed for a moment; what was overtaken says nothing. */
  settle: async function (history) {
    const explorer = window.dash_clientside.explorer;
    const mine = ++explorer.latest;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return mine === explorer.latest ? { text: history.text, key: history.key } : window.dash_clientside.no_update;
  },

  /* Whether the browser wants dark colours, now and later; from now on choices and drags are told to the page. */
  watch: function () {
    const set = window.dash_clientside.set_props;
    document.addEventListener("change", (event) => {
      const name = event.target.dataset && event.target.dataset.choice;
      if (name) {
        set(name, { data: event.target.value || null });
      }
    });
    const follow = () => {
      const graph = document.getElementById("graph");
      const cy = graph && graph._cyreg && graph._cyreg.cy;
      const file = document.querySelector("#upload input[type=file]");
      if (!cy || !file) {
        setTimeout(follow, 100);
        return;
      }
      file.setAttribute("aria-label", "Open file");
      file.tabIndex = -1;
      let moved = {};
      let waiting = null;
      cy.on("dragfree", "node", (event) => {
        const node = event.target;
        moved[node.id()] = { id: node.id(), ...node.position() };
        clearTimeout(waiting);
        /* Nodes that were chosen together are moved together. */
        waiting = setTimeout(() => {
          set("dragged", { data: { nodes: Object.values(moved) } });
          moved = {};
        }, 50);
      });
    };
    follow();
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", (event) => set("dark", { data: event.matches }));
    return dark.matches;
  },

  /* A choice has the options that its store names, as text, and shows the one that is chosen. */
  showChoice: function (value, named, name) {
    const select = document.getElementById(name + "-options");
    const known = JSON.stringify(named);
    if (select.dataset.known !== known) {
      select.replaceChildren(...named.map(([key, text]) => new Option(text, key)));
      select.dataset.known = known;
    }
    select.value = value || "";
    return window.dash_clientside.no_update;
  },

  /* The figure of the button that was pressed, in the format that its id ends with. */
  saveFigure: function () {
    const pressed = window.dash_clientside.callback_context.triggered_id;
    if (!pressed) {
      return window.dash_clientside.no_update;
    }
    const [name, format] = pressed.split("-");
    const drawn = document.querySelector("#" + name + "-figure .js-plotly-plot");
    if (drawn) {
      window.Plotly.downloadImage(drawn, { format: format, filename: name, width: 900, height: 560, scale: 2 });
    }
    return window.dash_clientside.no_update;
  },
};
