// The page, as handlebars fills it in: double braces escape what they put in. The two triple braces are this
// program's own style and script, and data whose `<` was escaped.

export const TEMPLATE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{{policy}}">
<meta name="generator" content="xdsc {{version}}">
<title>{{title}}</title>
<style>{{{style}}}</style>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<h1>{{title}}</h1>
{{#with verdict}}
<div class="verdict {{trust}}">
<span class="mark" aria-hidden="true">{{mark}}</span>
<div><strong id="verdict">{{text}}</strong><p>{{counts}}</p>
{{#each assumptions}}<p>Assumed: {{this}}.</p>{{/each}}</div>
</div>
{{else}}
<div class="verdict"><span class="mark" aria-hidden="true">{{mark}}</span><div><strong id="verdict">{{headline}}</strong><p>{{files}}</p></div></div>
{{/with}}
<ul class="cards" aria-label="Counts">{{#each cards}}<li><b>{{count}}</b>{{label}}</li>{{/each}}</ul>
<nav aria-label="Parts of this page">{{#each parts}}<a href="#{{id}}">{{label}}</a>{{/each}}</nav>
</header>
<main id="main">
{{#if reasons}}
<section id="reasons"><h2>Why trust is not the same</h2>
<p class="lead">{{reasonsLead}}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Reasons"><table class="stack"><thead><tr><th scope="col">Class</th><th scope="col">Resource</th><th scope="col">What changed</th></tr></thead>
<tbody>{{#each reasons}}<tr><td data-label="Class"><span class="tag {{tone}}">{{class}}</span></td><td data-label="Resource"><span class="mono">{{resource}}{{#if path}}<br>{{path}}{{/if}}</span></td><td data-label="What changed"><span>{{message}}{{#if sides}}<br><code>{{old}}</code> → <code>{{new}}</code>{{/if}}</span></td></tr>
{{/each}}</tbody></table></div></section>
{{/if}}
{{#if picture}}
<section id="picture"><h2>Who trusts whom</h2>
<p class="lead">{{picture.summary}}.</p>
<ul class="legend">{{#each legend}}<li><svg viewBox="0 0 34 10" aria-hidden="true"><line class="{{style}}" x1="0" y1="5" x2="34" y2="5"/></svg>{{label}}</li>{{/each}}</ul>
{{#with picture}}<div class="scroll picture" tabindex="0" role="region" aria-label="Picture of who trusts whom">
<svg viewBox="0 0 {{width}} {{height}}" role="img" aria-label="{{summary}}">
<g text-anchor="end">{{#each left}}<text x="{{../leftX}}" y="{{y}}" dy="4"><title>{{title}}</title>{{label}}</text>{{/each}}</g>
<g>{{#each left}}<path class="{{style}}" d="{{path}}"><title>{{guarding}}</title></path>{{/each}}{{#each right}}<path class="{{style}}" d="{{path}}"><title>{{guarding}}</title></path>{{/each}}</g>
<g>{{#each right}}<text x="{{../rightX}}" y="{{y}}" dy="4"><title>{{title}}</title>{{label}}</text>{{/each}}</g>
<rect class="box" x="{{boxX}}" y="{{boxY}}" width="150" height="44" rx="10"/><text x="{{centreX}}" y="{{middle}}" dy="4" text-anchor="middle">{{centre}}</text>
</svg></div>{{/with}}</section>
{{/if}}
<section id="contexts-part"><h2>TLS contexts</h2>
<p class="lead" id="count" role="status">{{rowCount}}</p>
<div class="tools" hidden>
<label class="wide">Find<input id="find" type="search" autocomplete="off" spellcheck="false" placeholder="name, SAN, secret, file"></label>
{{#each selects}}<label>{{label}}<select data-column="{{column}}"><option value="">all</option>{{#each values}}<option>{{this}}</option>{{/each}}</select></label>{{/each}}
</div>
<div class="scroll" tabindex="0" role="region" aria-label="Inventory of TLS contexts"><table id="inventory" class="inventory stack"><thead><tr>{{#each columns}}<th scope="col"><button type="button">{{this}}</button></th>{{/each}}</tr></thead>
<tbody>{{#each firstRows}}<tr>{{#each this}}<td data-label="{{label}}"{{#if wide}} class="wide"{{/if}}>{{#if tone}}<span class="tag {{tone}}">{{text}}</span>{{else}}<span class="mono">{{text}}</span>{{/if}}{{#if below}}<small class="mono">{{below}}</small>{{/if}}</td>{{/each}}</tr>
{{/each}}</tbody></table></div>
<button id="more" class="more" type="button" hidden>Show more</button>
</section>
<section id="findings"><h2>Findings</h2>
<p class="lead">{{findingsLead}}</p>
{{#if findings}}<div class="scroll" tabindex="0" role="region" aria-label="Findings"><table class="stack"><thead><tr><th scope="col">Level</th><th scope="col">Place</th><th scope="col">Finding</th></tr></thead>
<tbody>{{#each findings}}<tr><td data-label="Level"><span class="tag {{tone}}">{{level}}</span></td><td data-label="Place"><span class="mono">{{place}}</span></td><td data-label="Finding"><span>{{message}}{{#if remedy}}<br><span class="none">{{remedy}}</span>{{/if}}<br><code>{{code}}</code></span></td></tr>
{{/each}}</tbody></table></div>{{/if}}</section>
{{#if compared}}
<section id="differences"><h2>Differences</h2>
<p class="lead">{{differencesLead}}</p>
{{#if groups}}<div class="tools" hidden><button id="unfold" type="button">Unfold all</button></div>{{/if}}
{{#each groups}}<details{{#if open}} open{{/if}}><summary><span class="mono">{{name}}</span> {{#if others}}<span class="none">and {{others}} in the same way</span> {{/if}}{{#each tags}}<span class="tag {{tone}}">{{label}}</span> {{/each}}</summary>
{{#each changes}}<div class="change"><p>{{#if class}}<span class="tag {{tone}}">{{class}}</span> {{message}} {{else}}<span class="tag">{{kind}}</span> {{/if}}<span class="mono">{{path}}</span></p>
{{#if moved}}<p>{{moved}}</p>{{else}}<div class="sides"><div><h4>Old{{#if oldPlace}} · {{oldPlace}}{{/if}}</h4><pre>{{#each old}}{{#if marked}}<del>{{text}}</del>{{else}}{{text}}{{/if}}{{else}}<span class="none">absent</span>{{/each}}</pre></div><div><h4>New{{#if newPlace}} · {{newPlace}}{{/if}}</h4><pre>{{#each new}}{{#if marked}}<ins>{{text}}</ins>{{else}}{{text}}{{/if}}{{else}}<span class="none">absent</span>{{/each}}</pre></div></div>{{/if}}
</div>{{/each}}</details>
{{/each}}{{#if moreGroups}}<p class="lead">{{moreGroups}}</p>{{/if}}</section>
{{/if}}
</main>
<footer>{{sources}} · xdsc {{version}}</footer>
<script type="application/json" id="contexts">{{{data}}}</script>
<script>{{{script}}}</script>
</body>
</html>
`;
