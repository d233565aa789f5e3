#include "texts.h"

#include <stdbool.h>
#include <stdio.h>

#define UNAVAILABLE_EN "Login with a code is not available at the moment. Try again, then call IT support."
#define UNAVAILABLE_FR                                                                                                 \
    "La connexion par code est momentanément indisponible. Réessayez, puis appelez le support informatique."
/* At most 99 characters: a screen lock has one line for it, and cuts the rest off. */
#define UNAVAILABLE_BOTH                                                                                               \
    "Connexion par code indisponible, appelez l'informatique / Login with a code not available, call IT"

#define EMPTY_EN "leave empty if you have no code yet"
#define EMPTY_FR "laissez vide si vous n'avez pas encore de code"

/* Not cut: half of it would be no question. */
static void prompt_by_site(const char *own, const char *empty, char *out_text, size_t size)
{
    int len = empty == NULL ? -1 : snprintf(out_text, size, "%s(%s) ", own, empty);
    if (len < 0 || (size_t)len >= size)
        (void)snprintf(out_text, size, "%s", own);
}

static bool is_plausible(const struct wire_prompt *prompt)
{
    return prompt->digits >= 6 && prompt->digits <= 8;
}

void texts_prompt(const struct wire_prompt *prompt, const char *own, char *out_text, size_t size)
{
    bool french = prompt->language == LANGUAGE_FR;
    bool plausible = is_plausible(prompt);
    const char *empty = prompt->may_be_empty != 1 ? NULL : french ? EMPTY_FR : EMPTY_EN;
    const char *question = french ? "Code affiché par votre téléphone" : "Code from your phone";
    const char *digits = french ? "chiffres" : "digits";
    const char *colon = french ? " :" : ":";

    if (own != NULL)
        prompt_by_site(own, empty, out_text, size);
    else if (plausible && empty != NULL)
        (void)snprintf(out_text, size, "%s (%u %s, %s)%s ", question, prompt->digits, digits, empty, colon);
    else if (plausible)
        (void)snprintf(out_text, size, "%s (%u %s)%s ", question, prompt->digits, digits, colon);
    else if (empty != NULL)
        (void)snprintf(out_text, size, "%s (%s)%s ", question, empty, colon);
    else
        (void)snprintf(out_text, size, "%s%s ", question, colon);
}

void texts_prompt_both(const struct wire_prompt *prompt, const char *own, char *out_text, size_t size)
{
    bool french = prompt->language == LANGUAGE_FR;
    const char *question = french ? "Mot de passe, puis code" : "Password, then code";
    const char *digits = french ? "chiffres" : "digits";
    const char *colon = french ? " :" : ":";

    if (own != NULL)
        prompt_by_site(own, NULL, out_text, size);
    else if (is_plausible(prompt))
        (void)snprintf(out_text, size, "%s (%u %s)%s ", question, prompt->digits, digits, colon);
    else
        (void)snprintf(out_text, size, "%s%s ", question, colon);
}

const char *texts_unavailable(const struct wire_prompt *prompt)
{
    if (prompt == NULL)
        return UNAVAILABLE_BOTH;
    return prompt->language == LANGUAGE_FR ? UNAVAILABLE_FR : UNAVAILABLE_EN;
}
