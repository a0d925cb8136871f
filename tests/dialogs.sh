# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of the dialogs share; sourced by tests/test-gimp-dialogs*.sh after tap.sh. Starts GIMP on a screen of its own with every
# filter's dialog, the editor of recipes and the window of a batch answering by themselves (plugins/dialog/dialog-test.h).
. "$SOURCE/tests/gimp-screen.sh"
mkdir -p "$scratch/pictures"
sample=$SOURCE/data/samples/noise.png
"$IMGENHANCE" apply -f levels -o "$scratch/in.png" --depth 8 --no-journal "$sample" >/dev/null 2>&1
"$IMGENHANCE" apply -f 'gaussian sigma=40' -o "$scratch/frame.png" --depth 8 --no-journal "$sample" >/dev/null 2>&1
"$IMGENHANCE" filters --json >"$scratch/filters.json"

# A step of each filter with no value at its default, where the command takes such a step; else with defaults.
cat >"$scratch/steps.py" <<'END'
import json, subprocess, sys
command, scratch = sys.argv[1:]
newest = {one["name"]: one for one in sorted(json.load(open(scratch + "/filters.json")), key=lambda one: one["version"])}

def other(param):
    kind, value = param["type"], param.get("default")
    if kind in ("float", "int"):
        number = float(value) * 1.25 + (1 if kind == "int" or float(value) == 0 else 0)
        number = min(number, param["max"]) if isinstance(param.get("max"), (int, float)) else number
        return "%d" % number if kind == "int" else "%.2g" % number
    if kind == "enum":
        words = [c["id"] if isinstance(c, dict) else c for c in param["choices"]]
        return words[-1]
    if kind == "bool":
        return "no" if value in (True, "yes", 1) else "yes"
    if kind == "image":
        return scratch + "/frame.png"
    return None

def works(step):
    return subprocess.run([command, "apply", "-f", step, "-o", scratch + "/try.ppm", "--existing", "replace", "--no-journal",
                           scratch + "/in.png"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

with open(scratch + "/steps.tsv", "w") as out:
    for name, one in sorted(newest.items()):
        words = [(p["name"], other(p)) for p in one["params"]]
        step = name + "".join(" %s=%s" % (n, v) for n, v in words if v)
        if not works(step):
            step = name + "".join(" %s=%s" % (p["name"], other(p)) for p in one["params"] if p["type"] == "image")
        if works(step):
            out.write(name + "\t" + one["label"] + "\t" + step + "\n")
END
/usr/bin/python3 "$scratch/steps.py" "$IMGENHANCE" "$scratch" || exit 1

# Whether two pictures are the same, where a gray one may stand in three equal colours: same.py A.ppm B.ppm
cat >"$scratch/same.py" <<'END'
import re, sys
def read(name):
    data = open(name, "rb").read()
    kind, *rest = re.match(rb"(P[56])\s+(?:#.*\n)*(\d+)\s+(\d+)\s+(\d+)\s", data).groups()
    head = re.match(rb"P[56]\s+(?:#.*\n)*\d+\s+\d+\s+\d+\s", data).end()
    body = data[head:]
    return rest, body if kind == b"P6" else bytes(v for v in body for _ in range(3))
a, b = (read(name) for name in sys.argv[1:])
if a != b:
    print("differ", a[0], b[0], sum(x != y for x, y in zip(a[1], b[1])))
sys.exit(a != b)
END

# ---- the two GIMPs ----

# One call of a filter's procedure with its dialog, and the result in $scratch/out/NAME.ppm; the arguments of 2.10 do not matter.
call_2 () {
  values=$(/usr/bin/python3 - "$scratch/filters.json" "$1" <<'END'
import json, sys
kinds = {"float": "1", "int": "1", "bool": "0", "image": '-1 ""'}
one = max((f for f in json.load(open(sys.argv[1])) if f["name"] == sys.argv[2]), key=lambda f: f["version"])
print(" ".join(kinds.get(p["type"], '""') for p in one["params"]))
END
)
  echo "(let* ((image (car (gimp-file-load 1 \"$scratch/in.png\" \"in\"))) (layer (car (gimp-image-get-active-drawable image))))
    (plug-in-imgenhance-$1 0 image layer $values)
    (file-ppm-save 1 image layer \"$2\" \"out\" 1) (gimp-image-delete image))"
}

call_3 () {
  echo "(script-fu-use-v3)
    (let* ((image (gimp-file-load 1 \"$scratch/in.png\")) (layers (gimp-image-get-selected-drawables image)))
    (plug-in-imgenhance-$1 #:run-mode RUN-INTERACTIVE #:image image #:drawables layers)
    (gimp-file-save 1 image \"$2\") (gimp-image-delete image))"
}

# The editor of recipes, with the result in $1/recipe.ppm, and the window of a batch.
windows_2 () {
  echo "(let* ((image (car (gimp-file-load 1 \"$scratch/in.png\" \"in\"))) (layer (car (gimp-image-get-active-drawable image))))
    (plug-in-imgenhance-recipe 0 image layer \"\" \"\")
    (file-ppm-save 1 image layer \"$1/recipe.ppm\" \"out\" 1) (gimp-image-delete image))" >"$1/recipe.scm"
  echo '(plug-in-imgenhance-batch 0 "" "" "" "")' >"$1/batch.scm"
}

windows_3 () {
  echo "(script-fu-use-v3)
    (let* ((image (gimp-file-load 1 \"$scratch/in.png\")) (layers (gimp-image-get-selected-drawables image)))
    (plug-in-imgenhance-recipe #:run-mode RUN-INTERACTIVE #:image image #:drawables layers)
    (gimp-file-save 1 image \"$1/recipe.ppm\") (gimp-image-delete image))" >"$1/recipe.scm"
  echo '(script-fu-use-v3)(plug-in-imgenhance-batch #:run-mode RUN-INTERACTIVE)' >"$1/batch.scm"
}

own () {
  case $1 in
    */*.recipe) set -- --recipe "$1" ;;
    *) set -- -f "$1" ;;
  esac
  "$IMGENHANCE" apply "$@" -o "$scratch/own.ppm" --existing replace --no-journal "$scratch/in.png" >/dev/null 2>&1
}

same () {
  own "$1" && /usr/bin/python3 "$scratch/same.py" "$2" "$scratch/own.ppm"
}

# Opened, looked at, answered: all filters in one start. all GIMP LANGUAGE
all () {
  folder=$scratch/$1-$2
  mkdir -p "$folder"
  set -- "$1" "$2"
  while IFS="$(printf '\t')" read -r name label step; do
    printf '%s\n' "$step" >"$folder/$name.step"
    "call_$1" "$name" "$folder/$name.ppm" >"$folder/$name.scm"
    set -- "$@" "$folder/$name.scm"
  done <"$scratch/steps.tsv"
  printf '%s\n' 'clahe clip-limit=3' 'gaussian sigma=1.5' 'unsharp radius=2.5 amount=0.8' >"$folder/recipe.recipe"
  mkdir "$folder/results"
  head -c 200 "$scratch/in.png" >"$folder/damaged.png"
  printf '%s\n' "$folder/results" "$folder/recipe.recipe" "$scratch/in.png" "$folder/damaged.png" >"$folder/batch.txt"
  "windows_$1" "$folder"
  set -- "$@" "$folder/recipe.scm" "$folder/batch.scm"
  gimp=$1 language=$2
  shift 2
  (
    LANGUAGE=$language
    # A language needs some locale that is not C; which one does not matter.
    case $language in
      en) LC_ALL=C.UTF-8 ;;
      *)
        LC_ALL=de_DE.UTF-8 LOCPATH=$scratch/locale
        export LOCPATH
        ;;
    esac
    IMGENHANCE_DIALOG_TEST=$folder IMGENHANCE_LOCALE_DIR=$BUILD/po
    export LANGUAGE LC_ALL IMGENHANCE_DIALOG_TEST IMGENHANCE_LOCALE_DIR
    "run_$gimp" "$@"
  ) >"$folder/said" 2>&1
  [ -z "${TEST_KEEP:-}" ] || {
    mkdir -p "$TEST_KEEP/$gimp-$language"
    cp "$folder"/*.png "$folder"/*.tsv "$folder/said" "$TEST_KEEP/$gimp-$language/"
  }
}

# Every dialog of a GIMP in a language; in English also the results. check_all GIMP LANGUAGE
check_all () {
  all "$1" "$2"
  while IFS="$(printf '\t')" read -r name label step; do
    check "GIMP $1, $2: $name opens, its preview is exact, no label is clipped, every control has a name" \
      /usr/bin/python3 "$scratch/look.py" "$scratch/$1-$2" "$name"
    [ "$2" = en ] || continue
    check "GIMP $1: OK in the dialog of $name gives what the command gives" same "$step" "$scratch/$1-$2/$name.ppm"
  done <"$scratch/steps.tsv"
  for name in recipe batch; do
    check "GIMP $1, $2: the window of a $name opens and does its work, no label is clipped, every control has a name" \
      /usr/bin/python3 "$scratch/look.py" "$scratch/$1-$2" "$name"
  done
  check "GIMP $1, $2: OK in the editor of a recipe gives what the command gives" \
    same "$scratch/$1-$2/recipe.recipe" "$scratch/$1-$2/recipe.ppm"
}
