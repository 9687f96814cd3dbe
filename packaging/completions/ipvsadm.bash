# bash completion for ipvsadm, ipvsadm-save and ipvsadm-restore. Belongs into /usr/share/bash-completion/completions/.

# What a line may go on with, one a line: _ipvsadm_candidates COMMAND PREVIOUS-WORD
_ipvsadm_candidates() {
  local service='-t --tcp-service -u --udp-service --sctp-service -f --fwmark-service -6 --ipv6'
  case $2 in
  -s | --scheduler) echo rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos none ;;
  -b | --sched-flags) echo sh-fallback sh-port sh-fallback,sh-port mh-fallback mh-port mh-fallback,mh-port flag-1 flag-2 flag-3 ;;
  --pe) echo sip ;;
  --tun-type) echo ipip gue gre ;;
  --start-daemon | --stop-daemon) echo master backup ;;
  --mcast-interface) command ls /sys/class/net 2>/dev/null ;;
  -t | --tcp-service) _ipvsadm_known A t ;;
  -u | --udp-service) _ipvsadm_known A u ;;
  --sctp-service) _ipvsadm_known A -sctp-service ;;
  -f | --fwmark-service) _ipvsadm_known A f ;;
  -r | --real-server) _ipvsadm_known a r ;;
  -p | --persistent | -M | --netmask | -w | --weight | -x | --u-threshold | -y | --l-threshold) ;;
  --tun-port | --syncid | --sync-maxlen | --mcast-group | --mcast-port | --mcast-ttl) ;;
  *)
    case $1 in
    '')
      echo -A --add-service -E --edit-service -D --delete-service -C --clear -R --restore -S --save
      echo -a --add-server -e --edit-server -d --delete-server -L -l --list -Z --zero --set
      echo --start-daemon --stop-daemon -h --help -v --version
      ;;
    -A | --add-service | -E | --edit-service)
      echo "$service" -s --scheduler -b --sched-flags -p --persistent -M --netmask --pe -o --ops
      ;;
    -D | --delete-service | -Z | --zero) echo "$service" ;;
    -a | --add-server | -e | --edit-server)
      echo "$service" -r --real-server -g --gatewaying -i --ipip -m --masquerading -w --weight
      echo -x --u-threshold -y --l-threshold --tun-type --tun-port --tun-nocsum --tun-csum --tun-remcsum
      ;;
    -d | --delete-server) echo "$service" -r --real-server ;;
    -L* | -l* | --list)
      echo "$service" -n --numeric -c --connection --timeout --daemon --stats --rate --thresholds
      echo --persistent-conn --tun-info -X --exact --nosort --sort
      ;;
    -S | --save) echo -n --numeric ;;
    --start-daemon*) echo --mcast-interface --syncid --mcast-group --mcast-port --mcast-ttl --sync-maxlen ;;
    --stop-daemon*) echo --syncid ;;
    esac
    ;;
  esac
}

# The services (A t) or real servers (a r) there are.
_ipvsadm_known() {
  ipvsadm -S -n 2>/dev/null | sed -n "s/^-$1 .*-$2 \([^ ]*\).*/\1/p" | sort -u
}

_ipvsadm() {
  local current=$2 previous=$3 words
  # A colon ends a word for readline, but not for ipvsadm.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n := -c current -p previous
  fi
  local command=
  [ "$COMP_CWORD" -gt 1 ] && command=${COMP_WORDS[1]}
  words=$(_ipvsadm_candidates "$command" "$previous")
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions "$current"
  fi
}

complete -F _ipvsadm ipvsadm
complete -W '-n' ipvsadm-save
complete -W '' ipvsadm-restore
