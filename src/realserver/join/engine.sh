# Carries out the policy above: sh THIS join, and leave, check, status. By ssh for several machines at once, join is
# divided into apply and commit, or back where another machine has failed.
#
# The journal has a line for each step that this machine did not hold by itself: what was changed, how to see that it
# is still as it was left, how to see that it is still ours, and what takes it back. It is written before the step is
# done. The run's own notes ($notes) have the same form and say how to come back to what was before the run; while they
# exist, it has not come to its end.
set -u
umask 022
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin${more_path:+:$more_path}"
tab=$(printf '\t')
failed=
trap '' PIPE # who has asked may be gone; what was begun is brought to an end

own=$(readlink /proc/self/ns/net | tr -dc 0-9)
state=/run/fairlead-realserver-$own
other=
if [ "$(readlink /proc/1/ns/net | tr -dc 0-9)" = "$own" ]; then
	other=/var/lib/fairlead-realserver
	[ "$lasting" = yes ] && other=$state state=/var/lib/fairlead-realserver
fi
journal=$state/journal before=$state/before notes=$state/notes

report() { # OUTCOME WHAT [DETAIL]
	printf '%s\t%s%s\n' "$1" "$2" "${3:+$tab$3}"
}

quietly() {
	(eval "$1") </dev/null >/dev/null 2>&1
}

# Of what it says, the first line is kept ($said): there it says why it fails.
carry_out() {
	said=$( (eval "$1") 2>&1 </dev/null)
	set -- $?
	said=$(printf '%s\n' "$said" | tr '\t' ' ' | awk 'NF { print; exit }')
	return "$1"
}

# Only one at a time in a network namespace, whichever way it is to be kept; nothing is written for it.
lock() {
	exec 9</proc/self/ns/net
	! command -v flock >/dev/null || flock -n 9 || give_up 'another one is at work on this machine'
	sweep
}

# What a run that was killed has left half written.
sweep() {
	rm -f "$journal.new" "$journal.reversed" "$notes.reversed" "$notes.stuck" "$state/keys"
	[ -e "$notes" ] || rm -f "$before"
}

give_up() {
	report failed "$1"
	exit 1
}

line() { # KEY HOLDS OURS UNDO
	printf '%s\t%s\t%s\t%s\n' "$@"
}

reversed() {
	awk '{ line[NR] = $0 } END { for (at = NR; at > 0; at--) print line[at] }' "$1"
}

# The lines of a file in which the first column is not $2.
without() {
	KEY=$2 awk -F "$tab" '$1 != ENVIRON["KEY"]' "$1"
}

# ── what is there now: the line that brings it back ─────────────────────────

was_setting() { # NAME
	echo "sysctl -q -w $1=$(sysctl -n "$1")"
}

was_file() { # PATH [COMMAND that hears of it]
	if [ -e "$1" ]; then
		echo "echo $(base64 <"$1" | tr -d '\n') | base64 -d > $1${2:+; $2}"
	else
		echo "rm -f $1${2:+; $2}"
	fi
}

was_nft_table() { # FAMILY NAME
	if nft list table "$1" "$2" >/dev/null; then
		echo "echo $({ echo "delete table $1 $2"; nft list table "$1" "$2"; } | base64 | tr -d '\n') | base64 -d | nft -f -"
	else
		echo "nft delete table $1 $2"
	fi
}

# The last rule takes the table with it, which arptables itself would leave behind.
no_arptables_rule() { # WORDS...
	if ! command -v nft >/dev/null || nft list table arp filter >/dev/null; then
		echo "arptables -D $*"
	else
		echo "arptables -D $*; arptables-save | grep -q ^-A || nft delete table arp filter 2>/dev/null || :"
	fi
}

# ── steps ───────────────────────────────────────────────────────────────────

do_step() { # KEY HOLDS DOES UNDO [OURS]
	[ -z "$failed" ] || return 0
	if quietly "$2"; then
		report held "$1"
		return
	fi
	undo=$(eval "$4" 2>/dev/null </dev/null)
	if [ -n "$undo" ]; then
		line "$1" "$2" "${5:-$2}" "$undo" >>"$notes"
		enter "$1" "$2" "${5:-$2}" "$undo"
	fi
	carry_out "$3"
	if quietly "$2"; then report did "$1"; else failed="$1${tab}${said:-it was done, and does not hold}"; fi
}

# What was there before us stays what it is; how it is left now may be new.
enter() { # KEY HOLDS OURS UNDO
	KEY=$1 HOLDS=$2 OURS=$3 LINE=$(line "$@") awk -F "$tab" -v OFS="$tab" '
		$1 == ENVIRON["KEY"] { $2 = ENVIRON["HOLDS"]; $3 = ENVIRON["OURS"]; found = 1 }
		{ print }
		END { if (!found) print ENVIRON["LINE"] }
	' "$journal" >"$journal.new" && mv "$journal.new" "$journal"
}

check_step() { # KEY HOLDS DOES UNDO
	if quietly "$2"; then report held "$1"; else report missing "$1" && failed=yes; fi
}

name_step() {
	echo "$1"
}

# ── a run, and its two ends ─────────────────────────────────────────────────

apply() {
	for each in $programs; do command -v "$each" >/dev/null || give_up "$each is not installed"; done
	[ "$(id -u)" = 0 ] || give_up 'it takes root'
	for each in $own_addresses; do
		ip -o address show to "$each" | grep -q . || give_up "$each is none of its addresses"
	done
	lock
	come_back "$state"
	come_back "$other"
	mkdir -p "$state" || give_up "cannot make $state"
	of_this_namespace "$journal" || rm -f "$journal"
	[ ! -e "$journal" ] || cp "$journal" "$before"
	[ -e "$journal" ] || { cat "$other/journal" >"$journal.new" 2>/dev/null; mv "$journal.new" "$journal"; }
	: >"$notes"
	trap 'failed="interrupted"' INT TERM HUP
	step=do_step
	policy
	trap - INT TERM HUP
	[ -n "$failed" ] || return 0
	back
	printf 'failed\t%s\n' "$failed"
	exit 1
}

# The last step may be half done; of the others, what somebody has changed since is theirs.
back() {
	[ -e "$notes" ] || return 0
	reversed "$notes" >"$notes.reversed"
	: >"$notes.stuck"
	last=yes
	while IFS=$tab read -r key holds ours undo; do
		[ -n "$last" ] || quietly "$holds" || continue
		last=
		if carry_out "$undo" || ! quietly "$ours"; then
			report back "$key"
		else
			report stuck "$key" "$said"
			line "$key" "$holds" "$ours" "$undo" >>"$notes.stuck"
		fi
	done <"$notes.reversed"
	cat "$before" >"$journal.new" 2>/dev/null
	reversed "$notes.stuck" >>"$journal.new"
	if [ -s "$journal.new" ]; then mv "$journal.new" "$journal"; else rm -f "$journal"; fi
	rm -f "$notes" # from here on it has come to its end
	sweep
	[ -e "$journal" ] || rmdir "$state"
}

# A run that has not come to its end, kept there.
come_back() ( # STATE, or none
	state=$1 journal=$1/journal before=$1/before notes=$1/notes
	[ -z "$1" ] || [ ! -e "$notes" ] || back
)

# What an earlier policy had and this one has not goes now.
commit() {
	trap '' INT TERM HUP
	step=name_step
	policy >"$state/keys"
	arrange_journal
	rm -f "$notes"
	undo_all_but "$state/keys"
	sweep
	forget "$other"
}

# Under the policy that it belongs to, and in its order, so that what comes last is taken back first.
arrange_journal() {
	{ printf '# policy\t%s\n' "$about" && in_order "$journal" "$state/keys"; } >"$journal.new"
	mv "$journal.new" "$journal"
}

# The lines of a journal in the order of a policy, behind those that it does not have.
in_order() { # JOURNAL FILE of keys
	without "$1" '# policy' | awk -F "$tab" -v keys="$2" '
		BEGIN { while ((getline key < keys) > 0) place[key] = ++count }
		!($1 in place) { print }
		$1 in place { line[place[$1]] = $0 }
		END { for (at = 1; at <= count; at++) if (at in line) print line[at] }
	'
}

undo_all_but() { # FILE of keys
	reversed "$journal" >"$journal.reversed"
	while IFS=$tab read -r key _ ours undo; do
		case $key in '#'*) continue ;; esac
		grep -qxF -e "$key" "$1" || undo_step "$key" "$ours" "$undo"
	done <"$journal.reversed"
	rm -f "$journal.reversed"
}

undo_step() { # KEY OURS UNDO
	if ! quietly "$2"; then
		report left "$1"
	elif carry_out "$3" || ! quietly "$2"; then
		report undid "$1"
	else
		report stuck "$1" "$said"
		failed=yes
		return
	fi
	without "$journal" "$1" >"$journal.new" && mv "$journal.new" "$journal"
}

forget() { # STATE, or none
	[ ! -d "$1" ] || rm -rf "$1"
}

leave() {
	[ "$(id -u)" = 0 ] || give_up 'it takes root'
	trap '' INT TERM HUP
	lock
	come_back "$other"
	if ! find_journal; then
		forget "$state"
		absent
	fi
	come_back "$state"
	[ -e "$journal" ] || exit 0
	undo_all_but /dev/null
	[ -z "$failed" ] || exit 1
	forget "$state"
	forget "$other"
}

# The number of a namespace is soon another one's, and what an earlier one has left in /run is not ours: it has nothing
# that holds.
of_this_namespace() { # JOURNAL
	case $1 in /run/*) ;; *) return 0 ;; esac
	[ -e "$1" ] && [ ! -e "$notes" ] || return 0
	while IFS=$tab read -r key _ ours _; do
		case $key in '#'*) ;; *) quietly "$ours" && return ;; esac
	done <"$1"
	return 1
}

# Whichever way it was kept.
find_journal() {
	[ -e "$journal" ] || [ ! -e "$other/journal" ] || state=$other
	journal=$state/journal before=$state/before notes=$state/notes
	[ -e "$journal" ] && of_this_namespace "$journal"
}

absent() {
	report absent 'this machine has not joined'
	exit 3
}

# The journal, and whether each of its lines is still as it was left.
status() {
	find_journal || absent
	while IFS=$tab read -r key holds _ undo; do
		case $key in '#'*) report about "$holds" && continue ;; esac
		if quietly "$holds"; then report held "$key" "$undo"; else report missing "$key" "$undo"; fi
	done <"$journal"
}

case ${1:-join} in
join) apply && commit && [ -z "$failed" ] ;;
apply) apply ;;
commit) lock && commit && [ -z "$failed" ] ;;
back) lock && back ;;
leave) leave ;;
check) step=check_step && policy && [ -z "$failed" ] ;;
status) status ;;
*) give_up "no such word: $1" ;;
esac
