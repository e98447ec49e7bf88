// SPDX-License-Identifier: Apache-2.0

/// The style sheets of pictures and pages.
enum StyleSheet {
  /// Colours other than those of `Hue`: name, on light, on dark.
  private static let surfaces: [(name: String, light: String, dark: String)] = [
    ("paper", "#ffffff", "#14181d"),
    ("panel", "#f6f7f9", "#1c2229"),
    ("grid", "#e1e5ea", "#303842"),
    ("line", "#c5ccd4", "#465260"),
  ]

  /// Variables for light, for dark, and for paper, which is light.
  static let variables: String = {
    let all = Hue.all + surfaces + HeatScale.colours
    let light = all.map { "--\($0.name):\($0.light)" }.joined(separator: ";")
    let dark = all.map { "--\($0.name):\($0.dark)" }.joined(separator: ";")
    return """
      :root{color-scheme:light dark;\(light)}
      @media (prefers-color-scheme:dark){:root{\(dark)}}
      @media print{:root{color-scheme:light;\(light)}}

      """
  }()

  /// A property with a colour: plainly for readers without variables, then as the variable.
  private static func rule(_ selector: String, _ property: String, _ name: String) -> String {
    let colour = (Hue.all + surfaces + HeatScale.colours).first { $0.name == name }?.light ?? "#000000"
    return "\(selector){\(property):\(colour);\(property):var(--\(name))}"
  }

  /// What charts need, inside a page or in a file of their own.
  static let chart: String = {
    var rules = Hue.all.flatMap { [rule(".f-\($0.name)", "fill", $0.name), rule(".l-\($0.name)", "stroke", $0.name)] }
    rules += HeatScale.colours.map { rule(".f-\($0.name)", "fill", $0.name) }
    rules += [
      rule(".paper", "fill", "paper"), rule(".panel", "fill", "panel"), rule(".grid", "stroke", "grid"),
      rule(".axis", "stroke", "line"), rule(".ring", "fill", "paper"), rule(".halo", "stroke", "paper"),
      ".chart text{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"DejaVu Sans\",sans-serif}",
      ".t{font-size:12px}.s{font-size:11px}.h{font-size:15px;font-weight:600}.b{font-weight:600}",
      ".e{text-anchor:end}.m{text-anchor:middle}",
      ".join{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}",
      ".thin{fill:none;stroke-width:1}.rule{fill:none;stroke-width:1.5}",
      ".band{opacity:.16}.span{opacity:.1}.cloud{fill:none;stroke-linecap:round;opacity:.45}",
      ".halo{stroke-width:3;stroke-linejoin:round;paint-order:stroke}",
      rule(".mark", "stroke", "paper"), ".mark{stroke-width:1}",
    ]
    return rules.joined(separator: "\n") + "\n"
  }()

  /// What a page needs besides: one column on a phone, two on a desk, ink on paper.
  static let page = """
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
    main{max-width:1180px;margin:0 auto;padding:20px 16px 48px}
    h1{font-size:1.45rem;line-height:1.25;margin:.1em 0 .6em;overflow-wrap:anywhere}
    h2{font-size:1.15rem;margin:2.2em 0 .7em}
    p{margin:.4em 0 .8em;max-width:75ch;overflow-wrap:anywhere}
    .kind{color:var(--muted);font-size:.85rem;letter-spacing:.04em;text-transform:uppercase;margin:0}
    .verdict{display:flex;gap:14px;align-items:center;border:2px solid;border-radius:12px;padding:14px 18px;margin:0 0 18px}
    .verdict.pass{border-color:var(--pass)}.verdict.fail{border-color:var(--fail)}.verdict.muted{border-color:var(--line)}
    .verdict .sign{font-size:2rem;line-height:1;font-weight:700}
    .verdict.pass .sign,.verdict.pass .word{color:var(--pass)}.verdict.fail .sign,.verdict.fail .word{color:var(--fail)}
    .verdict .word{font-size:1.3rem;font-weight:700}
    .verdict p{margin:.1em 0 0}
    .verdict div{min-width:0}
    .findings{margin:0 0 18px;padding-left:1.3em;max-width:90ch;overflow-wrap:anywhere}
    .findings li{margin:.25em 0}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;margin:0 0 8px}
    .tile{background:var(--panel);border-radius:10px;padding:10px 14px;min-width:0;overflow-wrap:anywhere}
    .tile .name{color:var(--muted);font-size:.82rem;margin:0}
    .tile .value{font-size:1.35rem;font-weight:650;margin:0;font-variant-numeric:tabular-nums}
    .tile .note{color:var(--muted);font-size:.8rem;margin:0}
    .tile.fail .value{color:var(--fail)}
    .figures{margin:14px 0 28px;display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:26px 32px;align-items:start}
    .figures.one{grid-template-columns:minmax(0,1fr)}
    figure{margin:0;min-width:0;break-inside:avoid}
    figcaption{margin:0 0 .5em;font-weight:600}
    figcaption .say{display:block;font-weight:400;color:var(--muted);font-size:.88rem}
    svg.chart{display:block;width:100%;height:auto}
    .narrow{display:none}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;font-size:.9rem;width:100%;font-variant-numeric:tabular-nums}
    th,td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--grid);vertical-align:top;overflow-wrap:anywhere}
    th{color:var(--muted);font-weight:600}
    thead th{border-bottom-color:var(--line)}
    td.n,th.n{text-align:right;white-space:nowrap;padding-right:18px}
    td.fail{color:var(--fail);font-weight:600}td.pass{color:var(--pass)}
    .facts th{width:11em;font-weight:500}
    code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
    .probes{display:grid;grid-template-columns:repeat(auto-fill,minmax(132px,1fr));gap:14px}
    .probes figure{font-size:.82rem;line-height:1.35;overflow-wrap:anywhere}
    .probes img{display:block;width:100%;height:auto;max-width:160px;aspect-ratio:1;object-fit:contain;background:var(--panel);border-radius:6px;image-rendering:auto}
    .probes img.pixels{image-rendering:pixelated}
    .probes p{margin:.2em 0 0}
    details{margin:.8em 0}summary{cursor:pointer;color:var(--muted)}
    footer{margin-top:3em;color:var(--muted);font-size:.82rem;border-top:1px solid var(--grid);padding-top:10px}
    @media (max-width:1000px){
    .figures{grid-template-columns:minmax(0,1fr)}
    .figures figure{max-width:660px}.figures.one figure{max-width:none}
    }
    @media (max-width:640px){
    .wide{display:none}.narrow{display:block}
    table.stack thead{display:none}
    table.stack tr{display:grid;grid-template-columns:auto minmax(0,1fr);column-gap:14px;padding:8px 0;border-bottom:1px solid var(--grid)}
    table.stack td,table.stack th{border:0;padding:1px 0;text-align:right;white-space:normal}
    table.stack td::before{content:attr(data-name);color:var(--muted);float:left;padding-right:1em}
    table.stack td,table.stack th{grid-column:1 / -1}table.stack td:empty{display:none}
    table.stack th{text-align:left;color:var(--ink)}
    .facts tr{display:block;padding:6px 0;border-bottom:1px solid var(--grid)}
    .facts th,.facts td{display:block;border:0;padding:0;width:auto}
    }
    @media print{
    body{font-size:11pt}main{max-width:none;padding:0}
    .tile{border:1px solid var(--line)}h2{break-after:avoid}.probes figure,tr,.verdict,.tile{break-inside:avoid}
    .wide{display:none}.narrow{display:block}
    .figures{grid-template-columns:repeat(2,minmax(0,1fr));gap:18px 22px}.figures.one{grid-template-columns:minmax(0,1fr)}
    footer{margin-top:1em}.figures.one figure{max-width:440px}.tiles{grid-template-columns:repeat(4,1fr)}
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
    }

    """
}
