// The classes of bytes that have names in RE2's syntax: \d, [:alpha:], \p{Greek}.

import { ByteSet } from './byte-set.js';

/** The byte after the backslash of \d, \s and \w; the upper case is the complement. */
export const PERL_CLASSES: ReadonlyMap<string, ByteSet> = new Map([
  ['d', ByteSet.of([0x30, 0x39])],
  ['s', ByteSet.of([0x09, 0x0a], [0x0c, 0x0d], [0x20, 0x20])],
  ['w', ByteSet.of([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a])],
]);

/** As in [:alpha:]. */
export const POSIX_CLASSES: ReadonlyMap<string, ByteSet> = new Map([
  ['alnum', ByteSet.of([0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a])],
  ['alpha', ByteSet.of([0x41, 0x5a], [0x61, 0x7a])],
  ['ascii', ByteSet.of([0x00, 0x7f])],
  ['blank', ByteSet.of([0x09, 0x09], [0x20, 0x20])],
  ['cntrl', ByteSet.of([0x00, 0x1f], [0x7f, 0x7f])],
  ['digit', ByteSet.of([0x30, 0x39])],
  ['graph', ByteSet.of([0x21, 0x7e])],
  ['lower', ByteSet.of([0x61, 0x7a])],
  ['print', ByteSet.of([0x20, 0x7e])],
  ['punct', ByteSet.of([0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e])],
  ['space', ByteSet.of([0x09, 0x0d], [0x20, 0x20])],
  ['upper', ByteSet.of([0x41, 0x5a])],
  ['word', ByteSet.of([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a])],
  ['xdigit', ByteSet.of([0x30, 0x39], [0x41, 0x46], [0x61, 0x66])],
]);

/** The general categories of Unicode. RE2 has no Cn (unassigned) and no LC. */
const CATEGORIES: ReadonlySet<string> = new Set(
  'C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs'.split(
    ' ',
  ),
);

/** The scripts of Unicode 15, which is what the RE2 in Envoy knows. Case counts. */
const SCRIPTS: ReadonlySet<string> = new Set(
  (
    'Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki ' +
    'Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee ' +
    'Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra ' +
    'Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati ' +
    'Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited ' +
    'Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi ' +
    'Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian ' +
    'Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui ' +
    'Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari ' +
    'Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic ' +
    'Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage ' +
    'Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan ' +
    'Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Syloti_Nagri ' +
    'Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan ' +
    'Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square'
  ).split(' '),
);

/** The bytes of a category or script, as in \p{Greek}; undefined where RE2 knows none of that name. */
export function unicodeClass(name: string): ByteSet | undefined {
  if (name === 'Any') return ByteSet.of([0x00, 0xff]);
  if (CATEGORIES.has(name)) return bytesThat(new RegExp(`\\p{General_Category=${name}}`, 'u'));
  // Of scripts newer than the engine that this runs on, no character is a byte.
  if (!SCRIPTS.has(name)) return undefined;
  return name === 'Latin' || name === 'Common'
    ? bytesThat(new RegExp(`\\p{Script=${name}}`, 'u'))
    : ByteSet.of();
}

function bytesThat(match: RegExp): ByteSet {
  const set = new ByteSet();
  for (let byte = 0; byte < 256; byte++) if (match.test(String.fromCharCode(byte))) set.add(byte, byte);
  return set;
}
