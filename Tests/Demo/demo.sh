#!/usr/bin/env bash
# Plays Hashiya's main job through: one server, three analysts, five articles, work done apart,
# one merged state, one audit. Exits non-zero if any of what it prints does not hold.
#
# usage: demo.sh BIN FOLDER      BIN has the two programs; FOLDER is made anew
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(cd "$1" && pwd)
folder=$2
seeds=$here/seeds
export PATH=$bin:$PATH

case $folder in /*) ;; *) folder=$PWD/$folder ;; esac
if [ -e "$folder" ] && [ ! -e "$folder/.made-by-demo" ]; then
  echo "demo: $folder exists and was not made by this demo; move it away first" >&2
  exit 73
fi
# Each replica has a small file outside its store; those of the demo before go with its stores.
state=${XDG_STATE_HOME:-$HOME/.local/state}/hashiya
if [ -s "$folder/.made-by-demo" ]; then
  while read -r replica; do rm -f "${state:?}/$replica"; done <"$folder/.made-by-demo"
fi
rm -rf "$folder"
mkdir -p "$folder"
touch "$folder/.made-by-demo"
unset HASHIYA_STORE HASHIYA_DATA
# What this machine knows of the demo's log goes with the demo.
export STATE_DIRECTORY=$folder/server-state

server_pid=
stop_server() {
  [ -n "$server_pid" ] || return 0
  kill -TERM "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=
}
trap stop_server EXIT
fail() { echo "demo: $*" >&2; exit 1; }

# The first value of a member of some JSON; enough for the shapes in Protocol/command-line.md.
member() {
  sed -n 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/p; t; s/.*"'"$1"'" *: *\([^",}]*\).*/\1/p' | sed -n 1p
}

free_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  fail "no free port on 127.0.0.1"
}

start_server() {
  mkfifo "$folder/ready"
  hashiya-server serve --data "$folder/server" --port "$port" >"$folder/ready" \
    2>>"$folder/server.log" &
  server_pid=$!
  # The server says one line when it listens; nothing is polled.
  read -r line <"$folder/ready" || fail "the server did not start; see $folder/server.log"
  case $line in *"$port"*) ;; *) fail "the server said: $line" ;; esac
  rm "$folder/ready"
}

layla() { (cd "$folder/layla" && hashiya --quiet "$@"); }
omar() { (cd "$folder/omar" && hashiya --quiet "$@"); }
nadia() { (cd "$folder/nadia" && hashiya --quiet "$@"); }
passages=0
mark() { # mark ANALYST ID ARTICLE QUOTE [more options]
  local who=$1 id=$2 article=$3 quote=$4
  shift 4
  "$who" annotate "$article" --quote "$quote" --id "$id" "$@" >/dev/null
  passages=$((passages + 1))
}

# --- 1. A workspace, and what all three start from -------------------------------------------
port=$(free_port)
hashiya-server --quiet init --data "$folder/server" --origin demo.hashiya.example \
  --url "http://127.0.0.1:$port" >/dev/null
claim=$(hashiya-server workspace create press --data "$folder/server" --json | member code)
start_server

mkdir "$folder/layla" "$folder/omar" "$folder/nadia"
layla init --analyst Layla >/dev/null
layla publish "$claim" >/dev/null
layla article add "$seeds"/*.txt >/dev/null
for id in label note alive sure tag; do
  case $id in
    label) set -- 001 'رداً متناسباً' --label حُكم ;;
    note) set -- 000 'لحظة حاسمة' --label تقدير --note 'متى؟' ;;
    alive) set -- 003 'هجمات الميليشيات الموالية لإيران' --label فاعل ;;
    sure) set -- 004 'حرب إقليمية بتداعيات كارثية' --label تحذير --confidence 0.5 ;;
    tag) set -- 002 'ضبط النفس' --label دعوة --tag دبلوماسية ;;
  esac
  article=$1 quote=$2
  shift 2
  mark layla "$id" "$article" "$quote" "$@"
done
omar_code=$(layla invite Omar --json | member code)
nadia_code=$(layla invite Nadia --json | member code)
layla sync >/dev/null
(cd "$folder/omar" && hashiya --quiet join "$omar_code" >/dev/null)
(cd "$folder/nadia" && echo "$nadia_code" | hashiya --quiet join - >/dev/null)
for who in layla omar nadia; do "$who" status --json | member replica; done >"$folder/.made-by-demo"
for file in "$seeds"/*.txt; do
  nadia article show "$(basename "$file")" --raw | cmp - "$file" ||
    fail "$(basename "$file") did not come back byte for byte"
done
echo "1 Layla, Omar and Nadia share five articles. Layla marks (001, line 19):"
echo "    رداً متناسباً"

# --- 2. Apart ---------------------------------------------------------------------------------
stop_server
passages=0
mark layla l1 001 'قنوات متعددة للتواصل مع إيران' --label قناة --note 'قنوات غير مباشرة'
mark layla l2 001 '200 صاروخ باليستي' --label رقم --tag تحقق
mark layla l3 001 'نهاية تبادل إطلاق النار المباشر بين الجانبين' --label مطلب
mark layla l4 000 'منع التصعيد وتخفيف التوترات' --label دعوة
mark layla l5 002 'استقرار الشرق الأوسط' --line 1 --label هدف
mark layla l6 003 'حماية المستشارين العسكريين' --label التزام --confidence 0.9
mark layla l7 004 'مجموعة السبع' --label فاعل
mark layla l8 000 'مجموعة السبع' --label فاعل

mark omar o1 001 'قنوات متعددة للتواصل' --label أسلوب --tag متداخل
mark omar o2 000 'لن أكشف عن تفاصيل مناقشاتنا' --label اقتباس --note 'رفض الإفصاح'
mark omar o3 002 'الهدف الإستراتيجي' --label هدف
mark omar o4 003 'تاريخ طويل في استخدام المنشآت المدنية' --label اتهام
mark omar o5 004 '99% من الطائرات المسيرة والصواريخ' --label رقم --tag تحقق
mark omar o6 004 'فوزاً' --label حُكم
mark omar o7 002 'مئات الطائرات المُسيرة والصواريخ' --label رقم
mark omar o8 001 '20 موقعاً في إيران' --label رقم

mark nadia n1 001 'تقليل مخاطر الأضرار المدنية' --label ادعاء --note 'من دون مصدر'
mark nadia n2 000 'خطوات لاحقا' --label مطلب
mark nadia n3 003 'إدانتهم لأي محاولة' --label موقف
mark nadia n4 004 'دعمه الثابت لإسرائيل' --occurrence 1 --label موقف
mark nadia n5 002 'حربها المدمرة' --label حُكم --tag لغة
mark nadia n6 003 'فيدانت باتل' --label فاعل
# One annotation of two passages: where the attacks are, and what is asked.
nadia annotate 004 --span 0:5 --span 12:20 --id n7 --label إطار >/dev/null
mark nadia n8 001 'رداً متناسباً' --label مصطلح --note 'ترجمة حرفية'
passages=$((passages + 1))
omar reply n0 'x' >/dev/null 2>&1 && fail "a reply to nothing was taken"
omar reply label 'متناسب برأي من؟' >/dev/null
layla relate l1 يفسر l3 >/dev/null

# Five edits collide: label, note, confidence, edit against delete, tag added against removed.
layla edit label --label توصيف >/dev/null
omar edit label --label رأي >/dev/null
layla edit note --note 'لحظة يحددها المتحدث' >/dev/null
nadia edit note --note 'توقيت غير محدد' >/dev/null
omar edit sure --confidence 0.9 >/dev/null
nadia edit sure --confidence 0.2 >/dev/null
omar delete alive >/dev/null
nadia edit alive --note 'جهة فاعلة رئيسية' >/dev/null
omar edit tag --remove-tag دبلوماسية >/dev/null
layla edit tag --remove-tag دبلوماسية >/dev/null
layla edit tag --add-tag دبلوماسية >/dev/null
layla status --json >"$folder/before.json"
[ "$(member pending_changes <"$folder/before.json")" -gt 0 ] || fail "nothing is pending"
echo "2 Server stopped. All three annotate $passages passages; 5 edits collide."

# --- 3. Together ------------------------------------------------------------------------------
start_server
omar sync >/dev/null
nadia sync >/dev/null
layla sync >/dev/null
omar sync >/dev/null
nadia sync --json >"$folder/sync.json"
[ "$(member in_sync <"$folder/sync.json")" = true ] || fail "Nadia is not in sync"
nadia conflicts --json >"$folder/conflicts.json"
conflicts=$(nadia status --json | member conflicts)
[ "$conflicts" = 4 ] || fail "4 conflicts were due, there are $conflicts"
lost=0
for value in توصيف رأي 'لحظة يحددها المتحدث' 'توقيت غير محدد' 0.9 0.2 live deleted; do
  grep -qF -- "$value" "$folder/conflicts.json" || lost=$((lost + 1))
done
[ "$lost" = 0 ] || fail "$lost values are not among the siblings"
nadia show tag --json | grep -qF دبلوماسية || fail "the tag that was added is gone"
echo "3 Server back. Synced as Omar, Nadia, Layla."
echo "    $conflicts conflicts kept for people, 1 merged by rule, $lost values lost"
nadia why label label | sed 's/^/    /'
nadia resolve label label --take Layla --reason 'توصيف المسؤول لا رأينا' >/dev/null
for who in nadia omar layla nadia; do "$who" sync >/dev/null; done
left=$(layla status --json | member conflicts)
[ "$left" = 3 ] || fail "3 conflicts were due after resolving, there are $left"
echo "4 Nadia resolves one; three stay for you."

# --- 5. One state -----------------------------------------------------------------------------
digest=$(hashiya-server status --data "$folder/server" --json | member state_digest)
[ -n "$digest" ] || fail "the server has no state digest"
for who in layla omar nadia; do
  own=$("$who" status --json | member state_digest)
  [ "$own" = "$digest" ] || fail "$who ended at $own, the server at $digest"
done
echo "5 Four stores, one state             ${digest:0:8}…"

# --- 6, 7. The audit ---------------------------------------------------------------------------
hashiya-server audit verify --data "$folder/server" --json >"$folder/audit.json" ||
  fail "the server's log does not verify"
size=$(member size <"$folder/audit.json")
layla audit verify --json >/dev/null || fail "Layla's copy of the log does not verify"
echo "6 Audit: $size leaves re-executed       all equal"
stop_server
cp -r "$folder/server" "$folder/tampered"
hashiya-server audit list --data "$folder/server" --json >"$folder/audit-list.json"
# One byte: a digit in the batch digest of a leaf that holds Omar's work.
batch=$(tr '{' '\n' <"$folder/audit-list.json" | sed -n '/"edit".*"Omar"/p' | member batch)
log=$folder/tampered/workspaces/press/log.sqlite
offset=$(grep -abo -- "\"batch\":\"$batch" "$log" | sed -n '1s/:.*//p')
[ -n "$offset" ] || fail "the leaf is not in the file"
at=$((offset + 9))
old=$(dd if="$log" bs=1 skip="$at" count=1 status=none)
new=0
[ "$old" != 0 ] || new=1
printf %s "$new" | dd of="$log" bs=1 seek="$at" count=1 conv=notrunc status=none
code=0
hashiya-server audit verify --data "$folder/tampered" --json >"$folder/refused.json" || code=$?
[ "$code" = 1 ] || fail "the altered copy was not refused (exit $code)"
bad=$(member first_bad_leaf <"$folder/refused.json")
reason=$(member reason <"$folder/refused.json")
[ "$bad" != null ] || fail "the audit does not name the leaf"
echo "7 A copy with one byte changed       REFUSED at leaf $bad: ${reason#"leaf $bad: "}"
start_server
layla sync >/dev/null
stop_server
echo "Play on: cd ${folder#"$PWD"/}/layla && hashiya status"
