// Lua scripts, each as a real Envoy 1.40 answered when it was asked to load it.

import { expect, test } from 'vitest';
import { luaFault } from '../../../src/validate/startup/http-filters/lua-syntax.js';

test.each([
  [
    '',
    ';;x=1;;',
    'x = 1 y = 2',
    '#!/usr/bin/lua\nx = 1',
    'local x, y = ...',
    'return;',
    'return function() end',
  ],
  ['x = 0x1p4 + 0b101 + 0xfULL + 1e5i + .5 + 5.', 'x = {a=1, [2]=3, "c"; d}', 'é = 1', 'x = 5 ..6'],
  ['x = "a\\\nb"', "x = 'a\\zb'", 'x = "\\x41\\u{41}\\065"', 'x = [==[ a ]] ]==]', '--[==[ a ]] ]==] x = 1'],
  ['while true do break x = 1 end', 'for a, b in c, d do goto next ::next:: end', '::a:: do ::a:: end'],
  [
    'function a.b.c:d(x, ...) return ... end',
    'x = ("a"):upper() f"b"{c}',
    'repeat local a = 1 until a',
    'f\n()',
  ],
])('are loaded: %s', (...scripts) => {
  for (const script of scripts) expect([script, luaFault(script)]).toEqual([script, undefined]);
});

test.each([
  [
    'x y',
    'x',
    'x() = 1',
    '(x) = 1',
    'x, y() = 1',
    'x == 1',
    'x != 1',
    'x += 1',
    'x = a & b',
    'x = a // b',
    'x = ~a',
  ],
  [
    'break',
    'function f() goto a end ::a::',
    '::a:: ::a::',
    'goto = 1',
    'return 1; x = 2',
    'end',
    'if x y = 1 end',
  ],
  [
    'x = "\\q"',
    'x = "\\256"',
    'x = "a\nb"',
    'x = [[a',
    '--[[ open',
    'x = 3..4',
    'x = 08 + 1e',
    'x = 1_000',
    'x = 0b2',
  ],
  [
    'f(a, )',
    'x = {,}',
    'x = {a.b = 1}',
    'local x <const> = 1',
    'x = "a":upper()',
    'local function f() return ... end',
  ],
  [
    'for i = 1 do end',
    'function a:b.c() end',
    'x = function(..., a) end',
    'a.b:c = 1',
    'x = a.end',
    'nil = 1',
  ],
])('are refused: %s', (...scripts) => {
  for (const script of scripts) expect([script, luaFault(script)]).not.toContain(undefined);
});

test('a fault is in its line, and what nests too deeply is not judged', () => {
  expect(luaFault('x = 1\n\nf(a, )')?.line).toBe(3);
  expect(luaFault(`x = ${'('.repeat(10_000)}`)).toBeUndefined();
});
