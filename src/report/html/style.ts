// The page's looks: light and dark, wide and narrow, on screen and on paper. Colours have a contrast of at least
// 4.5 to 1, and nothing is told by colour alone.

export const STYLE = String.raw`
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#1a2230;--soft:#566174;--line:#dde2ea;--accent:#2452c4;--good:#136c3d;--good-bg:#e3f5ea;--bad:#b3202c;--bad-bg:#fde8e9;--warn:#8a5200;--warn-bg:#fdf1dc;--code:#f0f2f6;--ins:#c8f0d6;--del:#fbd3d6;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media(prefers-color-scheme:dark){:root{--bg:#10141b;--card:#181e28;--text:#e4e9f1;--soft:#9aa7bb;--line:#2c3543;--accent:#8fb0ff;--good:#6fd49b;--good-bg:#14301f;--bad:#ff959c;--bad-bg:#3a1a1e;--warn:#f2bd6b;--warn-bg:#352711;--code:#212935;--ins:#1d4a30;--del:#5a2329}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
a{color:var(--accent)}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px 12px;z-index:9}
header,main{max-width:1320px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{font-size:15px;font-weight:600;color:var(--soft);margin:0 0 10px;letter-spacing:.01em}
h2{font-size:19px;margin:0 0 4px}
.lead{color:var(--soft);margin:0 0 14px}
.verdict{border-radius:14px;padding:22px 24px;border:1px solid var(--line);background:var(--card);display:flex;gap:18px;align-items:flex-start}
.verdict strong{display:block;font-size:26px;line-height:1.25;letter-spacing:-.01em}
.verdict p{margin:4px 0 0;color:var(--soft)}
.mark{flex:none;width:44px;height:44px;border-radius:50%;display:grid;place-items:center;font-size:24px;font-weight:700;background:var(--code)}
.verdict.same .mark{background:var(--good-bg);color:var(--good)}
.verdict.changed .mark{background:var(--bad-bg);color:var(--bad)}
.verdict.unknown .mark{background:var(--warn-bg);color:var(--warn)}
nav{margin:14px 0 0;display:flex;flex-wrap:wrap;gap:6px 18px;font-size:14px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:10px;margin:16px 0 0;padding:0;list-style:none}
.cards li{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:12px 14px;color:var(--soft);font-size:13px}
.cards b{display:block;font-size:22px;color:var(--text);font-variant-numeric:tabular-nums;line-height:1.3}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:22px 24px;margin:18px 0}
.tag{display:inline-block;padding:1px 9px;border-radius:99px;font-size:12.5px;font-weight:600;background:var(--code);color:var(--text);white-space:nowrap}
.tag.good{background:var(--good-bg);color:var(--good)}.tag.bad{background:var(--bad-bg);color:var(--bad)}.tag.warn{background:var(--warn-bg);color:var(--warn)}
code,.mono{font-family:var(--mono);font-size:12.5px;overflow-wrap:anywhere}
.tools{display:flex;flex-wrap:wrap;gap:10px;margin:0 0 12px;align-items:end}
.tools label{font-size:13px;color:var(--soft);display:grid;gap:3px}
.tools .wide{flex:1 1 220px}
input,select,button{font:inherit;color:var(--text);background:var(--bg);border:1px solid var(--soft);border-radius:8px;padding:7px 10px;min-height:38px}
input{width:100%}
button{cursor:pointer}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th,td{text-align:left;padding:8px 10px;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--soft);font-size:12.5px;white-space:nowrap}
th button{all:unset;cursor:pointer;font-weight:600;padding:2px 4px;margin:-2px -4px;border-radius:4px}
th button:focus-visible{outline:3px solid var(--accent)}
th button::after{content:"\2195";opacity:.45;margin-left:5px}
th[aria-sort=ascending] button::after{content:"\2191";opacity:1}
th[aria-sort=descending] button::after{content:"\2193";opacity:1}
.inventory td{min-width:84px}.inventory td:first-child{min-width:220px}.inventory td.wide{min-width:150px}
.inventory small{color:var(--soft);display:block}
.more{margin-top:12px}
.picture svg{width:100%;height:auto;min-width:760px;display:block}
.picture text{font:12px system-ui,sans-serif;fill:var(--text)}
.picture .box{fill:var(--code);stroke:var(--line)}
.picture path,.legend line{fill:none;stroke-width:1.8}
.mutual{stroke:var(--good);stroke-width:3!important}.tls{stroke:var(--accent)}.unchecked{stroke:var(--warn);stroke-dasharray:7 4}.plain{stroke:var(--bad);stroke-dasharray:2 4}
.legend{display:flex;flex-wrap:wrap;gap:6px 20px;font-size:13px;color:var(--soft);margin:0 0 8px;padding:0;list-style:none}
.legend svg{width:34px;height:10px;min-width:0;display:inline-block;vertical-align:middle;margin-right:6px}
details{border-top:1px solid var(--line);padding:2px 0}
summary{cursor:pointer;padding:9px 4px;border-radius:6px}
summary .mono{font-weight:600;font-size:13px}
.change{padding:8px 0 12px 18px}
.change p{margin:0 0 6px}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:10px}
.sides pre{margin:0;background:var(--code);border-radius:8px;padding:10px 12px;font:12.5px/1.5 var(--mono);white-space:pre-wrap;overflow-wrap:anywhere;min-height:40px}
.sides h4{margin:0 0 3px;font-size:12px;color:var(--soft);font-weight:600}
ins{background:var(--ins);text-decoration:none;border-radius:3px}del{background:var(--del);border-radius:3px}
.none{color:var(--soft);font-style:italic}
footer{max-width:1320px;margin:0 auto;padding:4px 20px 40px;color:var(--soft);font-size:13px}
[hidden]{display:none!important}
@media(max-width:640px){header,main{padding:0 12px}section,.verdict{padding:16px 14px}.verdict strong{font-size:21px}.sides{grid-template-columns:1fr}.mark{width:36px;height:36px}
.stack thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}.stack tr{display:block;padding:10px 0;border-bottom:1px solid var(--line)}.stack td{display:grid;grid-template-columns:88px minmax(0,1fr);gap:2px 8px;border:0;padding:3px 0;min-width:0!important}.stack td>*{grid-column:2;justify-self:start}.stack td::before{content:attr(data-label);color:var(--soft);font-size:12.5px;grid-row:1}.stack td:has(>:empty:only-child){display:none}}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--accent:#123a9a;--good:#0d5a31;--bad:#8f1620;--warn:#6b3f00;--good-bg:#fff;--bad-bg:#fff;--warn-bg:#fff;--code:#f4f4f4;--ins:#d6f2e0;--del:#f8dcde}
body{font-size:11px}section,.verdict{border-radius:0;break-inside:auto;padding:10px 0;border-width:1px 0 0}.tools,nav,.more,.skip{display:none}tr,.change{break-inside:avoid}.scroll{overflow:visible}.tag{border:1px solid var(--line)}table{font-size:9.5px}.inventory td{min-width:0!important}table{table-layout:fixed}td,th{padding:4px 5px;overflow-wrap:anywhere;white-space:normal}code,.mono,.sides pre{font-size:9px}.picture svg{min-width:0}}
`;
