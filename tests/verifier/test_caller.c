#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "caller.h"

static struct wire_ask ask_from(const char *rhost, const char *ruser)
{
    struct wire_ask ask = {.user = "alice", .service = "sshd", .tty = "pts/1"};
    snprintf(ask.rhost, sizeof ask.rhost, "%s", rhost);
    snprintf(ask.ruser, sizeof ask.ruser, "%s", ruser);
    return ask;
}

START_TEST(trusted_callers_are_grouped_by_where_they_say_the_person_is)
{
    static const struct {
        const char *rhost, *ruser, *origin;
    } rows[] = {
        {"192.0.2.7", "", "ip:192.0.2.7"},
        {"192.0.2.7", "bob", "ip:192.0.2.7"},
        {"::ffff:192.0.2.7", "", "ip:192.0.2.7"},
        {"2001:db8:1:2:3:4:5:6", "", "ip:2001:db8:1:2::/64"},
        {"2001:DB8:1:2::6", "", "ip:2001:db8:1:2::/64"},
        {"::1", "", "ip:::/64"},
        {"fe80::1%eth0", "", "ip:fe80::/64"},
        {"fe80::1%", "", "ip:fe80::/64"},
        {"Desk7.Example.ORG", "", "host:desk7.example.org"},
        {"192.0.2.07", "", "host:192.0.2.07"},
        {"192.0.2.7 ", "", "host:192.0.2.7 "},
        {"a\nb\x7f", "", "host:a?b?"},
        {"", "bob", "ruser:bob"},
        {"", "Bob\t", "ruser:Bob?"},
        {"", "", "local:0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wire_ask ask = ask_from(rows[i].rhost, rows[i].ruser);
        struct caller caller;
        caller_of_login(DOOR_TRUSTED, 0, NULL, &ask, &caller);
        ck_assert_str_eq(caller.origin, rows[i].origin);
        ck_assert_str_eq(caller.service, "sshd");
        ck_assert_str_eq(caller.actor, "uid=0 tty=pts/1");
    }
}
END_TEST

START_TEST(a_trusted_callers_terminal_is_told_as_one_word)
{
    struct wire_ask ask = ask_from("", "");
    struct caller caller;
    (void)snprintf(ask.tty, sizeof ask.tty, "tty1");
    caller_of_login(DOOR_TRUSTED, 0, NULL, &ask, &caller);
    ck_assert_str_eq(caller.actor, "uid=0 tty=tty1");
    ck_assert_str_eq(caller.origin, "local:0");
    (void)snprintf(ask.tty, sizeof ask.tty, "a login=0\n");
    caller_of_login(DOOR_TRUSTED, 0, NULL, &ask, &caller);
    ck_assert_str_eq(caller.actor, "uid=0 tty=a?login=0?");
}
END_TEST

START_TEST(an_unprivileged_peer_chooses_neither_origin_nor_service)
{
    struct wire_ask ask = ask_from("192.0.2.7", "root");
    struct caller caller;
    (void)snprintf(ask.tty, sizeof ask.tty, "tty1");
    caller_of_login(DOOR_PUBLIC, 1000, NULL, &ask, &caller);
    ck_assert_str_eq(caller.origin, "local:1000");
    ck_assert_str_eq(caller.service, "local");
    ck_assert_str_eq(caller.actor, "uid=1000");
    ck_assert_int_eq(caller.door, DOOR_PUBLIC);
}
END_TEST

START_TEST(a_configured_peer_has_its_own_origin_and_a_fixed_service)
{
    struct settings_peer peer = {.name = "freerad", .service = "radius"};
    struct wire_ask ask = ask_from("192.0.2.7", "root");
    struct caller caller;
    caller_of_login(DOOR_PEER, 118, &peer, &ask, &caller);
    ck_assert_str_eq(caller.origin, "peer:freerad");
    ck_assert_str_eq(caller.service, "radius");
}
END_TEST

START_TEST(a_caller_that_asked_nothing_yet_has_an_origin_too)
{
    struct caller caller;
    caller_of_login(DOOR_TRUSTED, 0, NULL, NULL, &caller);
    ck_assert_str_eq(caller.origin, "local:0");
}
END_TEST

START_TEST(a_long_host_name_is_cut_to_fit)
{
    char rhost[RHOST_SIZE];
    memset(rhost, 'A', sizeof rhost);
    rhost[sizeof rhost - 1] = '\0';
    struct wire_ask ask = ask_from(rhost, "");
    struct caller caller;
    caller_of_login(DOOR_TRUSTED, 0, NULL, &ask, &caller);
    ck_assert_uint_eq(strlen(caller.origin), ORIGIN_SIZE - 1);
    ck_assert_int_eq(strncmp(caller.origin, "host:aaa", 8), 0);
}
END_TEST

START_TEST(who_asked_is_named_in_every_request_that_changes_something)
{
    const struct wire_actor ann = {.login_uid = 1000, .sudo_user = "ann"};
    const struct wire_message requests[] = {
        {.type = WIRE_ENROL, .enrol.actor = ann},       {.type = WIRE_CONFIRM, .confirm.actor = ann},
        {.type = WIRE_CHANGE, .change.actor = ann},     {.type = WIRE_TRY, .try.actor = ann},
        {.type = WIRE_RECOVERY, .recovery.actor = ann}, {.type = WIRE_TEMPCODE, .tempcode.actor = ann},
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct caller caller;
        caller_of_admin(0, &requests[i], &caller);
        ck_assert_str_eq(caller.actor, "uid=0 login=1000 sudo=ann");
    }
}
END_TEST

START_TEST(an_admin_is_named_with_login_uid_and_sudo_user)
{
    struct wire_message request = {.type = WIRE_CHANGE};
    struct caller caller;
    request.change.actor = (struct wire_actor){.login_uid = 1000, .sudo_user = "alice"};
    caller_of_admin(0, &request, &caller);
    ck_assert_str_eq(caller.actor, "uid=0 login=1000 sudo=alice");
    ck_assert_str_eq(caller.service, "garde");
    ck_assert_str_eq(caller.origin, "admin:0");

    request.change.actor = (struct wire_actor){.login_uid = NO_UID, .sudo_user = "a login=0\n"};
    caller_of_admin(0, &request, &caller);
    ck_assert_str_eq(caller.actor, "uid=0 sudo=a?login=0?");

    request = (struct wire_message){.type = WIRE_EXPORT, .export = {.actor = {.login_uid = 7, .sudo_user = ""}}};
    caller_of_admin(0, &request, &caller);
    ck_assert_str_eq(caller.actor, "uid=0 login=7");

    request.type = WIRE_LIST;
    caller_of_admin(0, &request, &caller);
    ck_assert_str_eq(caller.actor, "uid=0");
}
END_TEST

START_TEST(who_asks_for_a_resync_is_named_too)
{
    struct wire_message request = {.type = WIRE_RESYNC, .resync.actor = {.login_uid = 1000, .sudo_user = "ann"}};
    struct caller caller;
    caller_of_admin(0, &request, &caller);
    ck_assert_str_eq(caller.actor, "uid=0 login=1000 sudo=ann");
}
END_TEST

START_TEST(the_rules_depend_on_the_door)
{
    static struct settings settings = {
        .service_count = 1,
        .services = {{.name = "sshd", .says = {.unenrolled = {true, {.answer = UNENROLLED_ALLOW}}}}},
        .group_count = 1,
        .groups = {{.name = "wards", .says = {.pending = {true, {.answer = UNENROLLED_ALLOW}}}}}};
    struct caller caller = {.door = DOOR_TRUSTED, .service = "sshd"};
    ck_assert_int_eq(caller_rules(&settings, &caller, 0).unenrolled.answer, UNENROLLED_ALLOW);
    ck_assert_int_eq(caller_rules(&settings, &caller, 0).pending.answer, UNENROLLED_REFUSE);
    ck_assert_int_eq(caller_rules(&settings, &caller, 1).pending.answer, UNENROLLED_ALLOW);
    ck_assert_int_eq(caller_loosest_rules(&settings, &caller).pending.answer, UNENROLLED_ALLOW);
    strcpy(caller.service, "sudo");
    ck_assert_int_eq(caller_loosest_rules(&settings, &caller).unenrolled.answer, UNENROLLED_REFUSE);

    strcpy(caller.service, "sshd"); /* which an unprivileged caller's is never believed to be */
    caller.door = DOOR_PUBLIC;
    ck_assert_int_eq(caller_loosest_rules(&settings, &caller).unenrolled.answer, UNENROLLED_REFUSE);
    ck_assert_int_eq(caller_rules(&settings, &caller, 1).pending.answer, UNENROLLED_ALLOW);
    settings.unenrolled.answer = settings.pending.answer = UNENROLLED_ALLOW;
    ck_assert_int_eq(caller_rules(&settings, &caller, 0).unenrolled.answer, UNENROLLED_ALLOW);

    static const enum door never[] = {DOOR_PEER, DOOR_ADMIN};
    for (size_t i = 0; i < 2; i++) {
        caller.door = never[i];
        ck_assert_int_eq(caller_rules(&settings, &caller, 1).unenrolled.answer, UNENROLLED_REFUSE);
        ck_assert_int_eq(caller_rules(&settings, &caller, 1).pending.answer, UNENROLLED_REFUSE);
        ck_assert_int_eq(caller_loosest_rules(&settings, &caller).unenrolled.answer, UNENROLLED_REFUSE);
        ck_assert_int_eq(caller_loosest_rules(&settings, &caller).pending.answer, UNENROLLED_REFUSE);
    }
}
END_TEST

SUITE("caller", trusted_callers_are_grouped_by_where_they_say_the_person_is,
      a_trusted_callers_terminal_is_told_as_one_word, an_unprivileged_peer_chooses_neither_origin_nor_service,
      a_configured_peer_has_its_own_origin_and_a_fixed_service, a_caller_that_asked_nothing_yet_has_an_origin_too,
      a_long_host_name_is_cut_to_fit, an_admin_is_named_with_login_uid_and_sudo_user,
      who_asked_is_named_in_every_request_that_changes_something, who_asks_for_a_resync_is_named_too,
      the_rules_depend_on_the_door)
