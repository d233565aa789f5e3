#include "sheet_texts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NBSP "\u00a0"
#define THIN "\u202f"
#define APO  "\u2019"

#define YEAR_MAX (9999 - 1900)

struct pair {
    const char *en, *fr;
};

static const struct pair texts[SHEET_TEXTS] = {
    [SHEET_LANGUAGE] = {"en", "fr"},
    [SHEET_TITLE] = {"Login code of {user}", "Code de connexion de {user}"},
    [SHEET_PERSONAL] = {"Personal and confidential", "Personnel et confidentiel"},
    [SHEET_HEADING] = {"Set up your login code", "Activez votre code de connexion"},
    [SHEET_HEADING_TOKEN] = {"Log in with your token", "Connectez-vous avec votre jeton"},
    [SHEET_LEAD] = {"From now on you log in with your password and a code of {digits} digits. Your phone shows this "
                    "code. You set it up once.",
                    "Désormais, vous vous connectez avec votre mot de passe et un code à {digits} chiffres. Votre "
                    "téléphone affiche ce code. Il suffit de l" APO "activer une fois."},
    [SHEET_LEAD_TOKEN] = {"From now on you log in with your password and a code of {digits} digits. Your token shows "
                          "this code.",
                          "Désormais, vous vous connectez avec votre mot de passe et un code à {digits} chiffres. "
                          "Votre jeton affiche ce code."},

    [SHEET_USER] = {"User", "Utilisateur"},
    [SHEET_DEVICE] = {"Device", "Appareil"},
    [SHEET_MADE] = {"Issued on", "Fiche établie le"},
    [SHEET_BEFORE] = {"First login before", "Première connexion avant le"},
    [SHEET_VALID_FROM] = {"Works from", "Valable à partir du"},
    [SHEET_VALID_UNTIL] = {"Works until", "Valable jusqu" APO "au"},

    [SHEET_STEPS] = {"Three steps", "Trois étapes"},
    [SHEET_APP] = {"Install an app", "Installez une application"},
    [SHEET_APP_TEXT] =
        {"On your phone, install a free authenticator app, for example FreeOTP, Google Authenticator or Microsoft "
         "Authenticator.",
         "Sur votre téléphone, installez une application d" APO
         "authentification gratuite, par exemple FreeOTP, Google Authenticator ou Microsoft Authenticator."},
    [SHEET_APP_PICTURE] = {"A phone that installs an app with a padlock",
                           "Un téléphone qui installe une application avec un cadenas"},
    [SHEET_SCAN] = {"Scan the square", "Scannez le carré"},
    [SHEET_SCAN_TEXT] = {"In the app, tap *+* and point the camera at the large square below.",
                         "Dans l" APO "application, touchez *+* puis visez le grand carré ci-dessous avec l" APO
                         "appareil photo."},
    [SHEET_SCAN_PICTURE] = {"A phone whose camera is pointed at the square on this sheet",
                            "Un téléphone dont l" APO "appareil photo vise le carré de cette fiche"},
    [SHEET_LOGIN] = {"Log in", "Connectez-vous"},
    [SHEET_LOGIN_TEXT] = {"Type your password, then the *{digits} digits* that the app shows. They change every "
                          "{seconds} seconds.",
                          "Saisissez votre mot de passe, puis les *{digits} chiffres* affichés par l" APO
                          "application. Ils changent toutes les {seconds} secondes."},
    [SHEET_LOGIN_TEXT_COUNTER] = {"Type your password, then the *{digits} digits* that the app shows. Ask the app for "
                                  "a new code each time.",
                                  "Saisissez votre mot de passe, puis les *{digits} chiffres* affichés par l" APO
                                  "application. Demandez-lui un nouveau code à chaque connexion."},
    [SHEET_LOGIN_PICTURE] = {"A login screen with a password and the {digits} digits of the phone",
                             "Un écran de connexion avec un mot de passe et les {digits} chiffres du téléphone"},
    [SHEET_TOKEN] = {"Take your token", "Prenez votre jeton"},
    [SHEET_TOKEN_TEXT] = {"It is yours alone. Keep it with you, not beside the computer.",
                          "Il est strictement personnel. Gardez-le sur vous, pas à côté de l" APO "ordinateur."},
    [SHEET_TOKEN_PICTURE] = {"A token on a key ring", "Un jeton sur un porte-clés"},
    [SHEET_PRESS] = {"Read the code", "Lisez le code"},
    [SHEET_PRESS_TEXT] = {"Press its button, if it has one. It shows *{digits} digits*.",
                          "Appuyez sur son bouton, s" APO "il en a un. Il affiche *{digits} chiffres*."},
    [SHEET_PRESS_PICTURE] = {"A finger on the button of a token that shows {digits} digits",
                             "Un doigt sur le bouton d" APO "un jeton qui affiche {digits} chiffres"},
    [SHEET_LOGIN_TEXT_TOKEN] = {"Type your password, then the *{digits} digits*. Each code works once.",
                                "Saisissez votre mot de passe, puis les *{digits} chiffres*. Chaque code ne sert "
                                "qu" APO "une fois."},
    [SHEET_LOGIN_TOKEN_PICTURE] = {"A login screen with a password and the {digits} digits of the token",
                                   "Un écran de connexion avec un mot de passe et les {digits} chiffres du jeton"},

    [SHEET_QR] = {"The square to scan", "Le carré à scanner"},
    [SHEET_QR_PICTURE] = {"QR code to scan with the app; without a camera, type the key beside it",
                          "Code QR à scanner avec l" APO "application" THIN "; sans appareil photo, saisissez la clé "
                          "indiquée à côté"},
    [SHEET_KEY] = {"No camera?", "Pas d" APO "appareil photo" THIN "?"},
    [SHEET_KEY_TEXT] = {"In the app, choose to enter a key by hand. Small letters and no spaces will do.",
                        "Dans l" APO "application, choisissez de saisir une clé. Minuscules acceptées, espaces "
                        "inutiles."},
    [SHEET_KEY_KEY] = {"Key", "Clé"},
    [SHEET_KEY_TYPE] = {"Type", "Type"},
    [SHEET_KEY_BY_TIME] = {"by time", "basé sur l" APO "heure"},
    [SHEET_KEY_BY_COUNTER] = {"by counter", "basé sur un compteur"},
    [SHEET_KEY_ALGORITHM] = {"Algorithm", "Algorithme"},
    [SHEET_KEY_DIGITS] = {"Digits", "Chiffres"},
    [SHEET_KEY_PERIOD] = {"Seconds", "Secondes"},
    [SHEET_KEY_COUNTER] = {"Counter", "Compteur"},

    [SHEET_TEST] = {"Test it", "Vérifiez que tout fonctionne"},
    [SHEET_TEST_TEXT] = {"Log in once. Your session opens? Then all is done.",
                         "Connectez-vous une première fois. Votre session s" APO "ouvre" THIN "? Tout est prêt."},
    [SHEET_TEST_REFUSED] = {"Code refused? Let the phone set its clock automatically, wait for the next code and try "
                            "again. After three refusals call IT support.",
                            "Code refusé" THIN "? Réglez l" APO
                            "heure du téléphone sur automatique, attendez le code suivant et réessayez. Après trois "
                            "refus, appelez le support informatique."},
    [SHEET_TEST_REFUSED_COUNTER] =
        {"Code refused? Take a new code and try again. After three refusals call IT support.",
         "Code refusé" THIN
         "? Prenez un nouveau code et réessayez. Après trois refus, appelez le support informatique."},
    [SHEET_LOST] = {"Phone lost or stolen?", "Téléphone perdu ou volé" THIN "?"},
    [SHEET_LOST_TOKEN] = {"Token lost or broken?", "Jeton perdu ou cassé" THIN "?"},
    [SHEET_LOST_TEXT] = {"Call {help} at once, before your next shift. Do the same when you get another phone.",
                         "Appelez tout de suite {help}, sans attendre votre prochaine garde. Faites de même si vous "
                         "changez de téléphone."},
    [SHEET_LOST_TEXT_TOKEN] =
        {"Call {help} at once, before your next shift. The token is blocked and you get another one.",
         "Appelez tout de suite {help}, sans attendre votre prochaine garde. Le jeton sera bloqué et vous en recevrez "
         "un autre."},
    [SHEET_NEVER] = {"Never", "À ne jamais faire"},
    [SHEET_NEVER_TELL] = {"*Never tell anyone a code.* Nobody will ask you for one by phone, mail or message, not even "
                          "IT support.",
                          "*Ne donnez jamais un code.* Personne ne vous le demandera par téléphone, par courriel ou "
                          "par message, pas même le support informatique."},
    [SHEET_NEVER_ELSEWHERE] = {"*Type it only at the login* of your workstation, never on a page that a link opened.",
                               "*Ne le saisissez qu" APO "à la connexion* à votre poste, jamais sur une page ouverte "
                               "par un lien."},
    [SHEET_NEVER_KEEP] = {"*Do not copy or photograph this sheet.* Destroy it after your first login.",
                          "*Ne copiez pas et ne photographiez pas cette fiche.* Détruisez-la après votre première "
                          "connexion."},
    [SHEET_NEVER_LEND] = {"*Do not lend your token.* Each person has one of their own.",
                          "*Ne prêtez pas votre jeton.* Chacun a le sien."},
    [SHEET_HELP] = {"IT support:", "Support informatique" NBSP ":"},
    [SHEET_HELP_WORDS] = {"IT support", "le support informatique"},

    [SHEET_SIX] = {"six", "six"},
    [SHEET_SEVEN] = {"seven", "sept"},
    [SHEET_EIGHT] = {"eight", "huit"},
};

const char *sheet_text(enum language language, enum sheet_text which)
{
    return language == LANGUAGE_FR ? texts[which].fr : texts[which].en;
}

static const char *month(enum language language, int number)
{
    static const struct pair months[] = {
        {"January", "janvier"}, {"February", "février"},  {"March", "mars"},
        {"April", "avril"},     {"May", "mai"},           {"June", "juin"},
        {"July", "juillet"},    {"August", "août"},       {"September", "septembre"},
        {"October", "octobre"}, {"November", "novembre"}, {"December", "décembre"},
    };
    return language == LANGUAGE_FR ? months[number].fr : months[number].en;
}

static const char *put_moment(enum language language, int64_t s, bool with_minute, char out[SHEET_MOMENT_SIZE])
{
    time_t moment = (time_t)s;
    struct tm fields = {0};

    if (localtime_r(&moment, &fields) == NULL || fields.tm_year > YEAR_MAX) {
        (void)snprintf(out, SHEET_MOMENT_SIZE, "?");
        return out;
    }
    const char *first = language == LANGUAGE_FR && fields.tm_mday == 1 ? "er" : "";
    int used = snprintf(out, SHEET_MOMENT_SIZE, "%d%s" NBSP "%s" NBSP "%d", fields.tm_mday, first,
                        month(language, fields.tm_mon), fields.tm_year + 1900);
    if (!with_minute)
        return out;
    if (language == LANGUAGE_FR)
        (void)snprintf(out + used, SHEET_MOMENT_SIZE - (size_t)used, " à" NBSP "%d" NBSP "h" NBSP "%02d",
                       fields.tm_hour, fields.tm_min);
    else
        (void)snprintf(out + used, SHEET_MOMENT_SIZE - (size_t)used, "," NBSP "%02d:%02d", fields.tm_hour,
                       fields.tm_min);
    return out;
}

const char *sheet_day(enum language language, int64_t s, char out[SHEET_MOMENT_SIZE])
{
    return put_moment(language, s, false, out);
}

const char *sheet_minute(enum language language, int64_t s, char out[SHEET_MOMENT_SIZE])
{
    return put_moment(language, s, true, out);
}
