/* Who asks, as the verifier sees it. Pure: what it says follows from its arguments alone.
 *
 * Origins, the groups in which failures are counted:
 *
 *   "local:UID"     an unprivileged peer, whatever it claims; a trusted caller that says nothing about where from
 *   "peer:NAME"     a peer of the configuration
 *   "ip:ADDRESS"    a trusted caller's rhost: IPv4, also IPv4-mapped; IPv6 as its /64, "ip:2001:db8:1:2::/64"
 *   "host:NAME"     any other rhost, in lower case
 *   "ruser:NAME"    a trusted caller without rhost: su and sudo tell who calls them, so that a local stranger's `su alice`
 *                   is not counted where alice's own logins are
 *   "admin:UID"     the admin's socket: codes that somebody reads out to the help desk are not counted where the console's are
 *
 * The actor of a login is the process that called PAM, and the terminal that a trusted one tells: "uid=0 tty=tty1". The terminal
 * is for who reads the audit; no failures are counted by it.
 */
#ifndef GARDE_VERIFIER_CALLER_H
#define GARDE_VERIFIER_CALLER_H

#include <garde/settings.h>

#include "job.h"

/* A login. ask NULL: nothing was asked yet. peer: the section of the configuration for DOOR_PEER, else NULL. */
void caller_of_login(enum door door, uint32_t uid, const struct settings_peer *peer, const struct wire_ask *ask,
                     struct caller *out_caller);

/* An admin's request; its actor, where it carries one, says who sits at the tool. */
void caller_of_admin(uint32_t uid, const struct wire_message *request, struct caller *out_caller);

/* The rules (see settings_rules) for a login that this caller asks for, of a member of these groups: those of the groups, and of its service for a
 * trusted caller (an unprivileged one's is hearsay); refuse for a peer of the configuration. */
struct settings_rules caller_rules(const struct settings *settings, const struct caller *caller, uint64_t groups);
/* No looser ones, whatever the user's groups. */
struct settings_rules caller_loosest_rules(const struct settings *settings, const struct caller *caller);

#endif
