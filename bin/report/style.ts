/** How the page looks: on screens, dark ones too, and on paper. Colours have a contrast of at least 4.5 to what is behind them. */
export const style = `
:root{color-scheme:light dark;--ground:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--panel:#f6f8fa;
--good:#1a7f37;--warning:#8a5a00;--error:#b3261e;--missing:#57606a;--link:#0550ae}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--ink:#e6edf3;--soft:#9da7b3;--line:#30363d;--panel:#161b22;
--good:#4ac26b;--warning:#e3b341;--error:#ff8983;--missing:#9da7b3;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:75rem;padding:1.5rem;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2rem 0 .75rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
h3{font-size:1rem;margin:0 0 .5rem}
p{margin:.25rem 0}
code,.file,td,th{overflow-wrap:anywhere}
code{font:.9em ui-monospace,monospace}
a{color:var(--link)}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}
dl.facts dt{color:var(--soft)}
dl.facts dd{margin:0;overflow-wrap:anywhere}
ul.counts{display:flex;flex-wrap:wrap;gap:.75rem;list-style:none;padding:0;margin:1rem 0}
ul.counts li{border:1px solid var(--line);border-left-width:6px;border-radius:6px;padding:.4rem .9rem;background:var(--panel)}
ul.counts b{font-size:1.4rem;margin-right:.4rem}
.good{border-left-color:var(--good)!important}.warning{border-left-color:var(--warning)!important}
.error{border-left-color:var(--error)!important}.missing,.note{border-left-color:var(--missing)!important}
.strip{display:flex;height:1.6rem;border-radius:4px;overflow:hidden;border:1px solid var(--line)}
.strip span{min-width:1px;background:var(--good)}
.strip .warning{background:var(--warning)}.strip .error{background:var(--error)}
.strip .missing{background:repeating-linear-gradient(45deg,var(--panel) 0 4px,var(--line) 4px 8px)}
.ends{display:flex;justify-content:space-between;color:var(--soft);font-size:.85rem}
.images{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1rem;margin:1rem 0}
figure{margin:0}
figure img{width:100%;height:auto;border:1px solid var(--line);border-radius:4px;display:block}
figcaption{font-size:.85rem;color:var(--soft);overflow-wrap:anywhere}
.remark{border:1px solid var(--line);border-left-width:6px;border-radius:6px;padding:.75rem 1rem;margin:0 0 .75rem;background:var(--panel)}
.remark ul{margin:.25rem 0;padding-left:1.25rem}
.where{color:var(--soft)}
.fix{display:block;margin-top:.5rem;padding:.4rem .6rem;background:var(--ground);border:1px solid var(--line);border-radius:4px;user-select:all}
.level{text-transform:uppercase;font-size:.75rem;letter-spacing:.05em;font-weight:700}
.level.good{color:var(--good)}.level.warning{color:var(--warning)}.level.error{color:var(--error)}.level.missing,.level.note{color:var(--missing)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
th small{font-weight:400}
thead th{color:var(--soft);font-weight:600}
#filter{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.75rem;align-items:center;padding:.6rem 0;background:var(--ground)}
#filter[hidden]{display:none}
#filter input,#filter select{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--soft);border-radius:4px;padding:.25rem .5rem}
[data-off]{display:none}
@media print{:root{--ground:#fff;--ink:#000;--soft:#444;--line:#bbb;--panel:#fff;--good:#1a7f37;--warning:#8a5a00;--error:#b3261e;--missing:#444}
body{max-width:none;padding:0;font-size:10pt}#filter{display:none}.scroll{overflow:visible}
.remark,figure,tr{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}
.strip span,ul.counts li,.remark{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
