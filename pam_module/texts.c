#include "texts.h"

#include <stdbool.h>
#include <stdio.h>

#define UNAVAILABLE_EN "Login with a code is not available at the moment. Try again, then call IT support."
#define UNAVAILABLE_FR                                                                                                 \
    "La connexion par code est momentanément indisponible. Réessayez, puis appelez le support informatique."

void texts_prompt(const struct wire_prompt *prompt, char out_text[TEXT_SIZE])
{
    bool french = prompt->language == LANGUAGE_FR;
    bool plausible = prompt->digits >= 6 && prompt->digits <= 8;

    if (!plausible)
        (void)snprintf(out_text, TEXT_SIZE, "%s",
                       french ? "Code affiché par votre téléphone : " : "Code from your phone: ");
    else if (french)
        (void)snprintf(out_text, TEXT_SIZE, "Code affiché par votre téléphone (%u chiffres) : ", prompt->digits);
    else
        (void)snprintf(out_text, TEXT_SIZE, "Code from your phone (%u digits): ", prompt->digits);
}

const char *texts_unavailable(const struct wire_prompt *prompt)
{
    if (prompt == NULL)
        return UNAVAILABLE_FR " / " UNAVAILABLE_EN;
    return prompt->language == LANGUAGE_FR ? UNAVAILABLE_FR : UNAVAILABLE_EN;
}
