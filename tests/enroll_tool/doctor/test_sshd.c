#include "suite.h"

#include "doctor/sshd_methods.h"

#define SAID(pam, password, interactive, key)                                                                          \
    "port 22\nusepam " pam "\npasswordauthentication " password "\nkbdinteractiveauthentication " interactive          \
    "\npubkeyauthentication " key "\npermitrootlogin without-password\n"

static unsigned judge(const char *text, bool has_prompt, const char **out_method)
{
    struct sshd_settings settings;
    ck_assert(sshd_settings_read(text, &settings));
    *out_method = "";
    return sshd_methods_judge(&settings, has_prompt, out_method);
}

START_TEST(each_setting_of_sshd_lets_in_or_locks_out_as_it_does)
{
    static const struct {
        const char *text;
        unsigned ways;
        const char *method;
    } cases[] = {
        {SAID("no", "yes", "yes", "yes"), SSHD_WAY_AROUND_PAM, ""},
        {SAID("yes", "no", "yes", "no"), 0, ""},
        {SAID("yes", "no", "yes", "yes"), SSHD_WAY_WITHOUT_CODE, "publickey"},
        {SAID("yes", "no", "yes", "no") "hostbasedauthentication yes\n", SSHD_WAY_WITHOUT_CODE, "hostbased"},
        {SAID("yes", "no", "yes", "no") "gssapiauthentication yes\n", SSHD_WAY_WITHOUT_CODE, "gssapi-with-mic"},
        {SAID("yes", "yes", "no", "no"), SSHD_WAY_PASSWORD_ONLY, ""},
        {SAID("yes", "yes", "yes", "no"), SSHD_WAY_BOTH, ""},
        {SAID("yes", "yes", "yes", "no") "kerberosauthentication yes\n", SSHD_WAY_BOTH | SSHD_WAY_KERBEROS, ""},
        {SAID("yes", "yes", "no", "no") "kerberosauthentication yes\n", SSHD_WAY_PASSWORD_ONLY | SSHD_WAY_KERBEROS, ""},
        {SAID("yes", "no", "yes", "no") "kerberosauthentication yes\n", 0, ""},
        {SAID("no", "yes", "yes", "no") "kerberosauthentication yes\n", SSHD_WAY_AROUND_PAM, ""},
        {SAID("yes", "yes", "yes", "yes") "kerberosauthentication yes\nauthenticationmethods publickey,password\n",
         SSHD_WAY_PASSWORD_ONLY | SSHD_WAY_KERBEROS, ""},
        {SAID("yes", "yes", "yes", "yes") "kerberosauthentication yes\nauthenticationmethods "
                                          "password,keyboard-interactive publickey,keyboard-interactive\n",
         SSHD_WAY_BOTH, ""},
        {SAID("yes", "no", "no", "yes"), SSHD_WAY_NONE | SSHD_WAY_WITHOUT_CODE, "publickey"},
        {SAID("yes", "yes", "yes", "yes") "authenticationmethods any\n", SSHD_WAY_BOTH | SSHD_WAY_WITHOUT_CODE,
         "publickey"},
        {SAID("yes", "yes", "yes", "yes") "authenticationmethods publickey,keyboard-interactive:pam\n", 0, ""},
        {SAID("yes", "no", "yes", "yes") "authenticationmethods keyboard-interactive\n", 0, ""},
        {SAID("yes", "no", "yes", "yes") "authenticationmethods publickey keyboard-interactive:pam\n",
         SSHD_WAY_WITHOUT_CODE, "publickey"},
        {SAID("yes", "yes", "yes", "yes") "authenticationmethods publickey,password\n", SSHD_WAY_PASSWORD_ONLY, ""},
        {SAID("yes", "yes", "yes", "yes") "authenticationmethods publickey,publickey keyboard-interactive\n",
         SSHD_WAY_WITHOUT_CODE, "publickey"},
        {SAID("yes", "no", "yes",
              "no") "gssapiauthentication yes\nauthenticationmethods gssapi-keyex keyboard-interactive\n",
         SSHD_WAY_WITHOUT_CODE, "gssapi-keyex"},
        /* a list that cannot be gone through lets nobody in */
        {SAID("yes", "no", "yes", "no") "authenticationmethods gssapi-keyex keyboard-interactive\n", 0, ""},
        {SAID("yes", "no", "yes", "no") "authenticationmethods publickey keyboard-interactive\n", 0, ""},
        {SAID("yes", "no", "no", "yes") "authenticationmethods publickey,keyboard-interactive\n", SSHD_WAY_NONE, ""},
        {"usepam yes\npasswordauthentication no\nchallengeresponseauthentication yes\n", 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *method = NULL;
        unsigned ways = judge(cases[i].text, true, &method);
        ck_assert_msg(ways == cases[i].ways, "%s: %x", cases[i].text, ways);
        ck_assert_str_eq(method, cases[i].method);
        /* With one field for both, the password method is as good as any; all else is as it was. */
        unsigned one_field = judge(cases[i].text, false, &method);
        ck_assert_msg(one_field == (ways & ~(unsigned)(SSHD_WAY_PASSWORD_ONLY | SSHD_WAY_BOTH)), "%s: %x",
                      cases[i].text, one_field);
    }
}
END_TEST

START_TEST(what_is_no_answer_of_sshd_is_not_taken_for_one)
{
    struct sshd_settings settings;
    ck_assert(!sshd_settings_read("", &settings));
    ck_assert(!sshd_settings_read("Missing privilege separation directory: /run/sshd\n", &settings));
    ck_assert(!sshd_settings_read("usepam\n\n \n", &settings));
    ck_assert(sshd_settings_read("UsePAM yes", &settings));
    ck_assert(settings.use_pam);
}
END_TEST

SUITE("sshd", each_setting_of_sshd_lets_in_or_locks_out_as_it_does, what_is_no_answer_of_sshd_is_not_taken_for_one)
