# bash completion for fairlead. Belongs into /usr/share/bash-completion/completions/.

# What a line may go on with: _fairlead_candidates WORD… (those behind the program's name, without the last)
_fairlead_candidates() {
  case "$*" in
  '') echo status top doctor announce drops conns metrics health check plan apply export import reload server sysctl mark interface token realserver load unload upgrade lab bench --help --version ;;
  'conns '*--state) echo established syn_sent syn_recv fin_wait time_wait close close_wait last_ack listen synack none udp assured ;;
  'conns '*--sort) echo client vip server state expires ;;
  'conns '*--server | 'conns '*--client | 'conns '*--port | 'conns '*--limit) ;;
  'top '*--sort) echo connections packets bytes active inactive name ;;
  'top '*--interval | 'top '*--filter) ;;
  'metrics '*--collect) echo daemon director network connections health services servers ;;
  'realserver '*' -a' | 'realserver '*' --arp') echo auto sysctl arptables nftables tc ;;
  'realserver '*' -d' | 'realserver '*' --device') command ls /sys/class/net 2>/dev/null ;;
  'realserver '*' --decapsulate') echo auto kernel fairlead ;;
  'doctor '*--on) echo director realserver client auto ;;
  *--ssh | *--service | *--rip | *--vip | *--for | *--gue-port | *--director | *--connections | *--at | *--ports | *--source-ports | *-d | *--destination | *-s | *--source | *--lab) ;;
  *-p | *--protocol) echo tcp udp sctp ;;
  interface) command ls /sys/class/net 2>/dev/null && echo --help ;;
  *--in | *--interface | mark*' -i') command ls /sys/class/net 2>/dev/null ;;
  'interface '*' '*) ;;
  'interface '*) echo auto tc xdp off ;;
  'bench '*--only | 'bench '*--rounds) ;;
  'bench '*--json) command ls 2>/dev/null ;;
  bench*) echo per-packet live end-to-end churn scale ipvs --quick --only --rounds --json --publish --help ;;
  status*) echo --json --help ;;
  doctor*) echo --json --watch --on --vip --service --ssh --ssh-config --sudo --help ;;
  drops*) echo --json --watch --help ;;
  conns*) echo --vip --port --client --server --state -p --protocol --templates --sort --limit --json --count --help ;;
  top*) echo --interval --sort --filter --open --once --help ;;
  metrics*) echo --collect --openmetrics --list --help ;;
  health*) echo --json --help ;;
  'import '*--from) echo ipvsadm keepalived ldirectord ;;
  import*) echo --from --help ;;
  server) echo drain disable enable weight remove --help ;;
  server*' --service') fairlead export 2>/dev/null | sed -n 's/^  - \(tcp\|udp\|sctp\): "\{0,1\}\([^"]*\)"\{0,1\}$/\1:\2/p' ;;
  server*' --deadline') ;;
  'server drain'*) echo --service --deadline --reset --remove --help ;;
  'server remove'*) echo --service --drain --deadline --reset --help ;;
  'server '*) echo --service --help ;;
  token) echo create list revoke --help ;;
  'token '*--role) echo read-only operator ;;
  'token '*--expires) ;;
  'token '*--file) command ls /etc/fairlead 2>/dev/null ;;
  'token create'*) echo --role --expires --file --help ;;
  'token list'*) echo --json --file --help ;;
  'token revoke'*) echo --file --help && fairlead token list 2>/dev/null | sed '1d;s/ .*//' ;;
  plan*) echo --commands --json --exit-code --help ;;
  sysctl*) echo -w --write --json --help "$(_fairlead_sysctls "$2")" ;;
  mark) echo add list delete clear import --help ;;
  'mark add'*)
    echo --at -d --destination -s --source -p --protocol --ports --source-ports -i --in
    echo -4 --ipv4 -6 --ipv6 --final --help
    ;;
  'mark list'*) echo --json --help ;;
  'mark import'*) echo --dry-run --append --help ;;
  mark*) echo --help ;;
  realserver) echo join leave status check export push isolate decapsulate --help ;;
  *--ssh-config) command ls 2>/dev/null ;;
  'realserver export'*) echo --for --vip --rip --gue-port -a --arp -d --device --decapsulate --runtime --help ;;
  'realserver push'*)
    echo --vip --rip -a --arp -d --device --decapsulate --gue-port --runtime --leave -n --dry-run --json --sudo --ssh-config --help
    ;;
  'realserver join'*)
    echo -a --arp -d --device --rip --decapsulate --gue-port --runtime --director --no-probe -n --dry-run --help
    ;;
  'realserver status'* | 'realserver check'*) echo --json --help ;;
  'realserver isolate') echo start stop status --help ;;
  'realserver isolate start'*) echo --rip --help ;;
  'realserver decapsulate') echo start stop status --help ;;
  'realserver decapsulate start'*) echo --interface --gue-port --help ;;
  'realserver decapsulate stop'*) echo --interface --help ;;
  'realserver '*' status'*) echo --json --command --help ;;
  load*) echo --connections --help ;;
  upgrade*) echo --force --help ;;
  lab) echo up down list exec shell play pitfalls walkthrough --help ;;
  'lab down'*) echo --all --help ;;
  'lab exec'* | 'lab shell'*) echo --lab --help ;;
  'lab list'*) echo --json --help ;;
  'lab pitfalls'*) echo --json --markdown --names --help ;;
  'lab play') echo walkthrough direct two-armed masquerade local-node persistence tunnel sctp pitfall healthy --help ;;
  'lab play pitfall'*) fairlead lab pitfalls --names 2>/dev/null ;;
  *) echo --help ;;
  esac
}

# Their names; behind -w with what they are now.
_fairlead_sysctls() {
  case $1 in
  -w | --write) fairlead sysctl 2>/dev/null | sed -n 's/^\([a-z_]*\) = \(.*\)/\1=\2/p' ;;
  *) fairlead sysctl 2>/dev/null | sed -n 's/^\([a-z_]*\) = .*/\1/p' ;;
  esac
}

_fairlead() {
  local words
  words=$(_fairlead_candidates "${COMP_WORDS[@]:1:COMP_CWORD-1}")
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2")
  case "$COMP_CWORD ${COMP_WORDS[1]}" in
  '1 '*) ;;
  *' check' | *' plan' | *' apply' | *' import') mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$2") ;;
  esac
}

complete -F _fairlead fairlead
