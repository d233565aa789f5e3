#include "conf.h"
#include "suite.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <garde/settings.h>

static void check_defaults(const struct settings *settings)
{
    ck_assert_str_eq(settings->socket_folder, "/run/garde");
    ck_assert_str_eq(settings->key_ring, "/etc/garde/master.key");
    ck_assert_str_eq(settings->store, "/var/lib/garde/garde.db");
    ck_assert_str_eq(settings->user, "garde");
    ck_assert_int_eq(settings->language, LANGUAGE_EN);
    ck_assert_uint_eq(settings->digits, 6);
    ck_assert_int_eq(settings->log, SETTINGS_LOG_SYSTEM);
    ck_assert_uint_eq(settings->window_steps, 1);
    ck_assert_int_eq(settings->lock_for_s, 900);
    ck_assert_int_eq(settings->pending_for_s, 900);
    ck_assert_str_eq(settings->issuer, "garde");
    ck_assert_str_eq(settings->help_desk, "");
    ck_assert_int_eq(settings->unenrolled.answer, UNENROLLED_REFUSE);
    ck_assert_int_eq(settings->pending.answer, UNENROLLED_REFUSE);
    ck_assert_uint_eq(settings->service_count, 0);
    ck_assert_uint_eq(settings->group_count, 0);
    ck_assert_uint_eq(settings->exception_count, 0);
    ck_assert_uint_eq(settings->peer_count, 0);
}

START_TEST(an_empty_file_is_the_default_of_everything)
{
    static const char *const empty[] = {"", "\n\n", "# nothing\n; nothing\n   # nothing",
                                        "[verifier]\n[policy]\n[enrolment]\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        struct settings settings = loaded(empty[i]);
        check_defaults(&settings);
    }
}
END_TEST

static void check_said(const struct settings_section *says, enum unenrolled unenrolled, enum unenrolled pending)
{
    ck_assert(says->unenrolled.given && says->pending.given);
    ck_assert_int_eq(says->unenrolled.rule.answer, unenrolled);
    ck_assert_int_eq(says->pending.rule.answer, pending);
}

START_TEST(every_key_is_taken)
{
    struct settings all =
        loaded("[verifier]\nsocket_folder = /tmp/run\nkey_ring=/k\nstore =/s/t.db\n"
               "user = other\nlanguage = fr\ndigits = 8\nlog = stderr\n"
               "[policy]\nwindow = 2\nlock_for = 24h\npending_for = 90d\nun_enrolled = allow\npending = allow\n"
               "[enrolment]\nissuer = H\xc3\xb4pital = Nord\nhelp_desk = 4711 : jour et nuit\n"
               "[service sshd]\nun_enrolled = refuse\npending = allow\n"
               "[group Wards\\a b]\nun_enrolled = allow\npending = refuse\n"
               "[service su \t group \t admins]\nun_enrolled = refuse\npending = allow\n"
               "[peer freerad]\nservice = radius\n");
    ck_assert_str_eq(all.socket_folder, "/tmp/run");
    ck_assert_str_eq(all.key_ring, "/k");
    ck_assert_str_eq(all.store, "/s/t.db");
    ck_assert_str_eq(all.user, "other");
    ck_assert_int_eq(all.language, LANGUAGE_FR);
    ck_assert_uint_eq(all.digits, 8);
    ck_assert_int_eq(all.log, SETTINGS_LOG_STDERR);
    ck_assert_uint_eq(all.window_steps, 2);
    ck_assert_int_eq(all.lock_for_s, 86400);
    ck_assert_int_eq(all.pending_for_s, 90 * 86400);
    ck_assert_int_eq(all.unenrolled.answer, UNENROLLED_ALLOW);
    ck_assert_str_eq(all.issuer, "H\xc3\xb4pital = Nord");
    ck_assert_str_eq(all.help_desk, "4711 : jour et nuit");
    ck_assert_uint_eq(all.service_count, 1);
    ck_assert_str_eq(all.services[0].name, "sshd");
    ck_assert_int_eq(all.services[0].says.unenrolled.rule.answer, UNENROLLED_REFUSE);
    check_said(&all.services[0].says, UNENROLLED_REFUSE, UNENROLLED_ALLOW);
    ck_assert_int_eq(all.pending.answer, UNENROLLED_ALLOW);
    ck_assert_uint_eq(all.group_count, 2);
    ck_assert_str_eq(all.groups[0].name, "Wards\\a b");
    check_said(&all.groups[0].says, UNENROLLED_ALLOW, UNENROLLED_REFUSE);
    ck_assert_str_eq(all.groups[1].name, "admins");
    ck_assert(!all.groups[1].says.unenrolled.given && !all.groups[1].says.pending.given);
    ck_assert_uint_eq(all.exception_count, 1);
    ck_assert_str_eq(all.exceptions[0].service, "su");
    ck_assert_uint_eq(all.exceptions[0].group, 1);
    check_said(&all.exceptions[0].says, UNENROLLED_REFUSE, UNENROLLED_ALLOW);
    ck_assert_uint_eq(all.peer_count, 1);
    ck_assert_str_eq(all.peers[0].name, "freerad");
    ck_assert_str_eq(all.peers[0].service, "radius");
}
END_TEST

START_TEST(unknown_sections_and_keys_are_told_with_their_line)
{
    refused("\n[verifer]\n", PROBLEM_UNKNOWN_SECTION, 2, "verifer");
    refused("[Verifier]\n", PROBLEM_UNKNOWN_SECTION, 1, "Verifier");
    refused("[]\n", PROBLEM_UNKNOWN_SECTION, 1, "");
    refused("[services x]\n", PROBLEM_UNKNOWN_SECTION, 1, "services x");
    refused("[verifier]\n\ndigit = 6\n", PROBLEM_UNKNOWN_KEY, 3, "digit");
    refused("[policy]\ndigits = 6\n", PROBLEM_UNKNOWN_KEY, 2, "digits"); /* of another section */
    refused("[service sshd]\nservice = x\n", PROBLEM_UNKNOWN_KEY, 2, "service");
    refused("[group wards]\nwindow = 1\n", PROBLEM_UNKNOWN_KEY, 2, "window");
    refused("[verifier]\nDigits = 6\n", PROBLEM_UNKNOWN_KEY, 2, "Digits");
}
END_TEST

START_TEST(a_service_or_peer_without_name_is_no_section)
{
    refused("[service]\nun_enrolled = allow\n", PROBLEM_UNKNOWN_SECTION, 1, "service");
    refused("[service ]\nun_enrolled = allow\n", PROBLEM_UNKNOWN_SECTION, 1, "service ");
    refused("[group]\nun_enrolled = allow\n", PROBLEM_UNKNOWN_SECTION, 1, "group");
    refused("[group ]\n", PROBLEM_UNKNOWN_SECTION, 1, "group ");
    refused("[service sshd group]\n", PROBLEM_VALUE, 1, "service sshd group");
    refused("[service sshd group ]\n", PROBLEM_VALUE, 1, "service sshd group ");
    refused("[service sshd groups x]\n", PROBLEM_VALUE, 1, "service sshd groups x");
    refused("[peer]\n", PROBLEM_UNKNOWN_SECTION, 1, "peer");
    refused("[peer  \t]\n", PROBLEM_UNKNOWN_SECTION, 1, "peer  ?");
}
END_TEST

START_TEST(a_repeated_key_is_an_error_also_in_a_section_that_is_opened_again)
{
    refused("[verifier]\ndigits = 6\ndigits = 6\n", PROBLEM_REPEATED, 3, "digits");
    refused("[verifier]\ndigits = 6\n[policy]\n[verifier]\ndigits = 7\n", PROBLEM_REPEATED, 5, "digits");
    refused("[service a]\nun_enrolled = allow\n[service b]\nun_enrolled = allow\n[service A]\nun_enrolled = refuse\n",
            PROBLEM_REPEATED, 6, "un_enrolled");
    refused("[group a]\nun_enrolled = allow\n[group A]\nun_enrolled = allow\n[group a]\nun_enrolled = refuse\n",
            PROBLEM_REPEATED, 6, "un_enrolled");
    refused("[service s group a]\npending = allow\n[service S group a]\npending = allow\n", PROBLEM_REPEATED, 4,
            "pending");
    refused("[peer a]\nservice = x\n[peer a]\nservice = x\n", PROBLEM_REPEATED, 4, "service");

    struct settings twice = loaded("[verifier]\ndigits = 7\n[policy]\nwindow = 0\n[verifier]\nlanguage = fr\n");
    ck_assert_uint_eq(twice.digits, 7);
    ck_assert_int_eq(twice.language, LANGUAGE_FR);
}
END_TEST

START_TEST(an_empty_value_is_an_error)
{
    refused("[verifier]\ndigits =\n", PROBLEM_EMPTY, 2, "digits");
    refused("[verifier]\nuser = \t \n", PROBLEM_EMPTY, 2, "user");
    refused("[policy]\nun_enrolled =", PROBLEM_EMPTY, 2, "un_enrolled");
}
END_TEST

START_TEST(a_value_out_of_range_or_form_is_an_error)
{
    static const struct {
        const char *section, *key, *value;
    } bad[] = {{"verifier", "digits", "5x"},
               {"verifier", "digits", "6x"},
               {"verifier", "digits", "5"},
               {"verifier", "digits", "9"},
               {"verifier", "digits", "+6"},
               {"verifier", "digits", "4294967302"},
               {"verifier", "language", "de"},
               {"verifier", "language", "FR"},
               {"verifier", "log", "syslog"},
               {"verifier", "user", "-x"},
               {"verifier", "user", "a b"},
               {"verifier", "user", "a/b"},
               {"policy", "window", "3"},
               {"policy", "window", "-1"},
               {"policy", "lock_for", "15"},
               {"policy", "lock_for", "59s"},
               {"policy", "lock_for", "25h"},
               {"policy", "pending_for", "91d"},
               {"policy", "pending_for", "0s"},
               {"policy", "un_enrolled", "yes"},
               {"policy", "un_enrolled", "Allow"},
               {"policy", "un_enrolled", "allow-until"},
               {"policy", "un_enrolled", "allow-until2026-12-31"},
               {"policy", "un_enrolled", "allow-until 2026-02-30"},
               {"policy", "un_enrolled", "allow-until 2026-12-31x"},
               {"policy", "un_enrolled", "allow-until 31.12.2026"},
               {"policy", "un_enrolled", "allow 2026-12-31"},
               {"enrolment", "issuer", "a:b"},
               {"enrolment", "issuer", "\xff"},
               {"enrolment", "issuer", "\xc3"},
               {"enrolment", "issuer", "\xc0\xaf"},
               {"enrolment", "issuer", "\xed\xa0\x80"},
               {"enrolment", "issuer", "\xf4\x90\x80\x80"},
               {"enrolment", "issuer", "a\xc2\x85"},
               {"policy", "pending", "yes"},
               {"service sshd", "pending", "allow-until"},
               {"group wards", "un_enrolled", "allow-until 2026-02-30"},
               {"service sshd group wards", "pending", "REFUSE"},
               {"enrolment", "help_desk", "4711\xe9"},
               {"enrolment", "help_desk", "a\xc2\x85"},
               {"peer x", "service", "two words"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "[%s]\n%s = %s\n", bad[i].section, bad[i].key, bad[i].value);
        refused(text, PROBLEM_VALUE, 2, bad[i].key);
    }
}
END_TEST

START_TEST(a_relative_path_is_refused)
{
    refused("[verifier]\nsocket_folder = run\n", PROBLEM_VALUE, 2, "socket_folder");
    refused("[verifier]\nkey_ring = ./k\n", PROBLEM_VALUE, 2, "key_ring");
    refused("[verifier]\nstore = ~/s\n", PROBLEM_VALUE, 2, "store");
}
END_TEST

START_TEST(texts_fill_their_arrays_and_no_more)
{
    char text[400];
    struct settings settings = loaded(text_with(text, "[verifier]\nsocket_folder=/", 88));
    ck_assert_uint_eq(strlen(settings.socket_folder), SETTINGS_SOCKET_FOLDER_SIZE - 1);
    refused(text_with(text, "[verifier]\nsocket_folder=/", 89), PROBLEM_VALUE, 2, "socket_folder");
    settings = loaded(text_with(text, "[enrolment]\nissuer=", 63));
    ck_assert_uint_eq(strlen(settings.issuer), ISSUER_SIZE - 1);
    refused(text_with(text, "[enrolment]\nissuer=", 64), PROBLEM_VALUE, 2, "issuer");
    settings = loaded(text_with(text, "[enrolment]\nhelp_desk=", 63));
    ck_assert_uint_eq(strlen(settings.help_desk), 63);
    refused(text_with(text, "[enrolment]\nhelp_desk=", 64), PROBLEM_VALUE, 2, "help_desk");
    refused(text_with(text, "[verifier]\nuser=", 64), PROBLEM_VALUE, 2, "user");
}
END_TEST

START_TEST(a_line_over_the_limit_is_an_error_and_one_at_the_limit_is_whole)
{
    char text[600];
    struct settings settings = loaded(text_with(text, "[verifier]\nstore=/", 192)); /* 199 bytes */
    ck_assert_uint_eq(strlen(settings.store), 193);
    refused(text_with(text, "[verifier]\nstore=/", 193), PROBLEM_LINE_TOO_LONG, 2, "");
    refused(text_with(text, "#", 500), PROBLEM_LINE_TOO_LONG, 1, "");

    char crlf[300];
    (void)snprintf(crlf, sizeof crlf, "%s\n[policy]\n", text_with(text, "[verifier]\nstore=/", 192));
    (void)loaded(crlf);
}
END_TEST

START_TEST(a_zero_byte_or_another_control_byte_is_an_error)
{
    static const char zero[] = "[verifier]\nuser = a\0b\n", comment[] = "# a\0b\n",
                      bell[] = "[verifier]\nuser = a\ab\n", lone[] = "[verifier]\nuser = a\rlog = stderr\n",
                      escape[] = "#\x1b[31m\n";
    refused_bytes(zero, sizeof zero - 1, PROBLEM_SYNTAX, 2, "");
    refused_bytes(comment, sizeof comment - 1, PROBLEM_SYNTAX, 1, "");
    refused_bytes(bell, sizeof bell - 1, PROBLEM_SYNTAX, 2, "");
    refused_bytes(lone, sizeof lone - 1, PROBLEM_SYNTAX, 2, "");
    refused_bytes(escape, sizeof escape - 1, PROBLEM_SYNTAX, 1, "");
}
END_TEST

START_TEST(what_is_neither_header_nor_key_and_value_is_a_syntax_error)
{
    refused("digits = 6\n", PROBLEM_SYNTAX, 1, "digits"); /* before any section */
    refused("[verifier]\ndigits\n", PROBLEM_SYNTAX, 2, "");
    refused("[verifier]\n= 6\n", PROBLEM_SYNTAX, 2, "");
    refused("[verifier]\ndigits : 6\n", PROBLEM_SYNTAX, 2, "");
    refused("[verifier\ndigits = 6\n", PROBLEM_SYNTAX, 1, "");
    refused("[verifier] x\n", PROBLEM_SYNTAX, 1, "");
    refused("[verifier]]\n", PROBLEM_SYNTAX, 1, "");
    refused("[verifier]\n\xef\xbb\xbf[policy]\n", PROBLEM_SYNTAX, 2, "");
}
END_TEST

START_TEST(an_indented_line_is_a_line_of_its_own_and_not_more_of_the_one_before)
{
    struct settings settings = loaded("[verifier]\n  digits = 7\n\tlanguage = fr\n  [policy]\n window = 0\n");
    ck_assert_uint_eq(settings.digits, 7);
    ck_assert_int_eq(settings.language, LANGUAGE_FR);
    ck_assert_uint_eq(settings.window_steps, 0);
    refused("[enrolment]\nissuer = CHU\n  Nord\n", PROBLEM_SYNTAX, 3, "");
}
END_TEST

START_TEST(a_comment_behind_a_value_is_an_error_and_never_cuts_the_value)
{
    refused("[enrolment]\nissuer = CHU ;Nord\n", PROBLEM_SYNTAX, 2, "");
    refused("[verifier]\ndigits = 6 # six\n", PROBLEM_SYNTAX, 2, "");
    refused("[verifier] ; x\n", PROBLEM_SYNTAX, 1, "");
    ck_assert_str_eq(loaded("[enrolment]\nissuer = CHU;Nord#1\n").issuer, "CHU;Nord#1");
}
END_TEST

START_TEST(line_ends_of_windows_and_a_missing_last_one_are_taken)
{
    struct settings settings = loaded("\xef\xbb\xbf[verifier]\r\ndigits = 7\r\n\r\nuser = me\r\n# x\r\nlog = stderr");
    ck_assert_uint_eq(settings.digits, 7);
    ck_assert_str_eq(settings.user, "me");
    ck_assert_int_eq(settings.log, SETTINGS_LOG_STDERR);
}
END_TEST

START_TEST(the_first_problem_is_the_one_that_is_told)
{
    refused("[verifier]\ndigits = 5\n[nonsense]\nrubbish\n", PROBLEM_VALUE, 2, "digits");
    refused("[nonsense]\n[verifier]\ndigits = 5\n", PROBLEM_UNKNOWN_SECTION, 1, "nonsense");
    refused("[peer x]\n[verifier]\ndigits = 5\n", PROBLEM_VALUE, 3, "digits");
}
END_TEST

START_TEST(a_date_is_included_to_its_last_second_also_when_the_clocks_change)
{
    setenv("TZ", "Europe/Paris", 1);
    tzset();
    /* date -d 'TZ="Europe/Paris" 2027-01-01' +%s, 2026-03-30, 2026-10-26 */
    struct settings settings = loaded("[policy]\nun_enrolled = allow-until 2026-12-31\n");
    ck_assert_int_eq(settings.unenrolled.answer, UNENROLLED_ALLOW_UNTIL);
    ck_assert_int_eq(settings.unenrolled.until_s, 1798758000);
    ck_assert_int_eq(loaded("[policy]\nun_enrolled = allow-until\t 2026-03-29\n").unenrolled.until_s, 1774821600);
    ck_assert_int_eq(loaded("[policy]\nun_enrolled = allow-until 2026-10-25\n").unenrolled.until_s, 1792969200);
    ck_assert_int_gt(loaded("[policy]\nun_enrolled = allow-until 9999-12-31\n").unenrolled.until_s, 253402210800);
}
END_TEST

START_TEST(a_service_has_its_own_rule_or_else_the_general_one)
{
    struct settings settings = loaded("[policy]\nun_enrolled = allow\n[service sshd]\nun_enrolled = refuse\n"
                                      "[service Login]\nun_enrolled = allow-until 2026-12-31\n[service su]\n");
    ck_assert_int_eq(settings_rules(&settings, "sshd", 0).unenrolled.answer, UNENROLLED_REFUSE);
    ck_assert_int_eq(settings_rules(&settings, "login", 0).unenrolled.answer, UNENROLLED_ALLOW_UNTIL);
    ck_assert_int_eq(settings_rules(&settings, "LOGIN", 0).unenrolled.answer, UNENROLLED_ALLOW_UNTIL);
    ck_assert_int_eq(settings_rules(&settings, "sudo", 0).unenrolled.answer, UNENROLLED_ALLOW);
    ck_assert_int_eq(settings_rules(&settings, "su", 0).unenrolled.answer, UNENROLLED_ALLOW); /* it gave none */
    ck_assert_int_eq(settings_rules(&settings, "ssh", 0).unenrolled.answer, UNENROLLED_ALLOW);
    ck_assert_int_eq(settings_rules(&settings, "", 0).unenrolled.answer, UNENROLLED_ALLOW);
}
END_TEST

START_TEST(names_of_services_are_as_long_as_they_may_be_and_not_cut)
{
    char name[SERVICE_SIZE + 1], text[300];
    text_with(name, "", SERVICE_SIZE - 1);
    (void)snprintf(text, sizeof text, "[service %s]\nun_enrolled = allow\n", name);
    struct settings settings = loaded(text);
    ck_assert_str_eq(settings.services[0].name, name);
    ck_assert_int_eq(settings_rules(&settings, name, 0).unenrolled.answer, UNENROLLED_ALLOW);
    name[60] = '\0';
    ck_assert_int_eq(settings_rules(&settings, name, 0).unenrolled.answer, UNENROLLED_REFUSE);

    text_with(name, "", SERVICE_SIZE);
    (void)snprintf(text, sizeof text, "service %s", name);
    char file[320];
    (void)snprintf(file, sizeof file, "[%s]\n", text);
    refused(file, PROBLEM_VALUE, 1, text);
    refused("[service a b]\n", PROBLEM_VALUE, 1, "service a b");
}
END_TEST

START_TEST(a_peer_needs_a_service_and_is_neither_root_nor_nobody)
{
    refused("\n[peer freerad]\n\n[verifier]\n", PROBLEM_EMPTY, 2, "service");
    refused("[peer root]\nservice = x\n", PROBLEM_VALUE, 1, "peer root");
    refused("[peer 0]\nservice = x\n", PROBLEM_VALUE, 1, "peer 0");
    refused("[peer 00]\nservice = x\n", PROBLEM_VALUE, 1, "peer 00");
    refused("[peer 65534]\nservice = x\n", PROBLEM_VALUE, 1, "peer 65534");
    refused("[peer 4294967295]\nservice = x\n", PROBLEM_VALUE, 1, "peer 4294967295");
    refused("[peer 99999999999999999999]\nservice = x\n", PROBLEM_VALUE, 1, "peer 99999999999999999999");
    ck_assert_str_eq(loaded("[peer 1001]\nservice = x\n").peers[0].name, "1001");
}
END_TEST

/* The caller frees the text. */
static char *many_sections(bool of_services, unsigned count)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(file);
    for (unsigned i = 1; i <= count; i++)
        if (of_services)
            (void)fprintf(file, "[service s%u]\nun_enrolled=allow\n", i);
        else
            (void)fprintf(file, "[peer p%u]\nservice=x\n", i);
    ck_assert_int_eq(fclose(file), 0);
    return text;
}

START_TEST(there_is_room_for_so_many_services_and_peers_and_one_more_is_an_error)
{
    char *services = many_sections(true, SETTINGS_SERVICES_MAX);
    char *peers = many_sections(false, SETTINGS_PEERS_MAX);
    ck_assert_uint_eq(loaded(services).service_count, SETTINGS_SERVICES_MAX);
    ck_assert_uint_eq(loaded(peers).peer_count, SETTINGS_PEERS_MAX);
    free(services);
    free(peers);
    services = many_sections(true, SETTINGS_SERVICES_MAX + 1);
    peers = many_sections(false, SETTINGS_PEERS_MAX + 1);
    refused(services, PROBLEM_VALUE, 2 * SETTINGS_SERVICES_MAX + 1, "service s65");
    refused(peers, PROBLEM_VALUE, 2 * SETTINGS_PEERS_MAX + 1, "peer p17");
    free(services);
    free(peers);
}
END_TEST

SUITE("settings", an_empty_file_is_the_default_of_everything, every_key_is_taken,
      unknown_sections_and_keys_are_told_with_their_line, a_service_or_peer_without_name_is_no_section,
      a_repeated_key_is_an_error_also_in_a_section_that_is_opened_again, an_empty_value_is_an_error,
      a_value_out_of_range_or_form_is_an_error, a_relative_path_is_refused, texts_fill_their_arrays_and_no_more,
      a_line_over_the_limit_is_an_error_and_one_at_the_limit_is_whole, a_zero_byte_or_another_control_byte_is_an_error,
      what_is_neither_header_nor_key_and_value_is_a_syntax_error,
      an_indented_line_is_a_line_of_its_own_and_not_more_of_the_one_before,
      a_comment_behind_a_value_is_an_error_and_never_cuts_the_value,
      line_ends_of_windows_and_a_missing_last_one_are_taken, the_first_problem_is_the_one_that_is_told,
      a_date_is_included_to_its_last_second_also_when_the_clocks_change,
      a_service_has_its_own_rule_or_else_the_general_one, names_of_services_are_as_long_as_they_may_be_and_not_cut,
      a_peer_needs_a_service_and_is_neither_root_nor_nobody,
      there_is_room_for_so_many_services_and_peers_and_one_more_is_an_error)
