/* Draws the chart from the JSON block beside it. The server sends data without colours; those come from the
   style sheet, so a theme switch is one Plotly.react. Plotly itself is fetched after the page is painted. */
(() => {
  "use strict";
  const PLOTLY = document.currentScript.dataset.plotly;
  const FONT = '"Inter Variable", system-ui, sans-serif';
  const NARROW = 560;
  const CONFIG = { displayModeBar: false, responsive: true, plotlyServerURL: "" };
  const probe = document.createElement("i");
  let drawn = "";
  let loading = null;

  const css = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const faded = (colour, alpha) => {
    const parts = colour.match(/[\d.]+/g);
    return `rgba(${parts[0]}, ${parts[1]}, ${parts[2]}, ${alpha})`;
  };
  const load = () => {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = PLOTLY;
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    });
    return loading;
  };

  /* Names at the lines' ends, pushed apart so that they never overlap. */
  const labels = (host, traces) => {
    const found = [];
    for (const [axis, share] of [["y", 0.58], ["y2", 0.29]]) {
      const group = traces.filter((trace) => trace.yaxis === axis && !trace.meta.band);
      const top = Math.max(...group.flatMap((trace) => trace.y.map((y) => y ?? 0))) || 1;
      const height = host.clientHeight * share;
      let last = -Infinity;
      group
        .map((trace) => ({ trace, at: ((trace.y.findLast((y) => y !== null) ?? 0) / top) * height }))
        .sort((a, b) => a.at - b.at)
        .forEach(({ trace, at }) => {
          last = Math.max(at, last + 14);
          found.push({
            xref: "paper", x: 1, xanchor: "left", xshift: 6, yref: axis, y: (last / height) * top, text: trace.name,
            showarrow: false, font: { size: 11, color: css(`--m-${trace.meta.metric}`) },
          });
        });
    }
    return found;
  };

  const shape = (one) => one.name === "incomplete"
    ? { ...one, fillcolor: css("--chart-grid"), opacity: 0.6 }
    : { ...one, line: { ...one.line, color: css("--chart-fg") } };

  const dress = (host, figure) => {
    const isNarrow = host.clientWidth < NARROW;
    const hasLegend = isNarrow || Boolean(figure.layout.meta?.legend);
    const fg = css("--chart-fg");
    const grid = css("--chart-grid");
    const axis = {
      gridcolor: grid, linecolor: grid, zeroline: false, fixedrange: true, ticks: "", automargin: true,
      tickfont: { color: fg, size: 11 },
    };
    const data = figure.data.map((trace) => {
      const colour = css(`--m-${trace.meta.metric}`);
      const pattern = trace.fillpattern ? { fillpattern: { ...trace.fillpattern, fgcolor: colour, bgcolor: "rgba(0,0,0,0)" } } : {};
      return { ...trace, ...pattern, line: { ...trace.line, color: colour }, marker: { color: colour, size: 7 }, fillcolor: faded(colour, trace.fillpattern ? 0.35 : 0.08) };
    });
    const { xaxis, yaxis, yaxis2, shapes, ...rest } = figure.layout;
    if (isNarrow && xaxis.dtick) xaxis.dtick *= 2;
    const layout = {
      ...rest, autosize: true, uirevision: "keep", dragmode: false, hoversubplots: "axis",
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: FONT, size: 12, color: fg },
      margin: { l: 6, r: hasLegend ? 6 : 68, t: 6, b: 6 },
      showlegend: hasLegend, legend: { orientation: "h", y: -0.14, font: { size: 11, color: fg } },
      xaxis: { ...axis, ...xaxis, showgrid: false, showline: true, nticks: isNarrow ? 4 : 8 },
      yaxis: { ...axis, ...yaxis }, yaxis2: { ...axis, ...yaxis2 },
      shapes: shapes.map(shape),
      annotations: hasLegend ? [] : labels(host, data),
      hoverlabel: { bgcolor: css("--surface"), bordercolor: grid, font: { color: css("--fg"), size: 12, family: FONT } },
    };
    return { data, layout };
  };

  const draw = async (isForced) => {
    const host = document.querySelector("[data-chart]");
    const block = document.getElementById("chart-figure");
    if (!host || !block || (block.textContent === drawn && !isForced)) return;
    drawn = block.textContent;
    await load();
    if (!probe.isConnected) {
      probe.hidden = true;
      document.body.append(probe);
    }
    const { data, layout } = dress(host, JSON.parse(block.textContent));
    await Plotly.react(host, data, layout, CONFIG);
    host.dataset.draws = Number(host.dataset.draws || 0) + 1;
  };

  document.documentElement.addEventListener("themechange", () => requestAnimationFrame(() => draw(true)));
  document.addEventListener("htmx:after:swap", () => draw(false));
  let width = innerWidth;
  addEventListener("resize", () => {
    if (width === innerWidth) return;
    width = innerWidth;
    draw(true);
  });
  const begin = () => (window.requestIdleCallback || setTimeout)(() => draw(false));
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin);
})();
