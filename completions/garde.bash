# bash completion for garde(8). What comes from `garde complete` is quoted there, and never evaluated here.
_garde() {
    local -a found=()

    mapfile -t found < <(PATH=$PATH:/usr/local/sbin:/usr/sbin command garde complete bash \
        "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    COMPREPLY=()
    if [[ ${found[0]-} == $'\tfile' ]]; then
        compopt -o default
    else
        COMPREPLY=("${found[@]}")
    fi
}
complete -o nosort -F _garde garde
