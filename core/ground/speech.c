#include <garde/speech.h>

#include <locale.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* gettext would follow a language such as "../../tmp/x" out of its folder. */
static void forget_languages_with_folders(void)
{
    const char *languages = secure_getenv("LANGUAGE");
    if (languages != NULL && strchr(languages, '/') != NULL)
        (void)unsetenv("LANGUAGE");
}

void speech_begin(const char *folder)
{
    forget_languages_with_folders();
    (void)setlocale(LC_CTYPE, "");
    (void)setlocale(LC_MESSAGES, "");
    (void)bindtextdomain("garde", folder);
    (void)textdomain("garde");
}
