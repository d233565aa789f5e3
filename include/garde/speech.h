/* Texts in the language of whoever runs a command. Ground layer.
 *
 * Texts stand in the sources in English, marked for gettext; po/ has the others. Before speech_begin, and in a program that never calls it,
 * they are English, and no file is opened for them.
 *
 * MUST 1  Where texts come from is built in: no variable of the caller's environment names a folder.
 */
#ifndef GARDE_SPEECH_H
#define GARDE_SPEECH_H

#include <libintl.h>

#define _(text)  gettext(text)
#define N_(text) text /* marked for translation, translated where it is used */

/* From now on the language is that of LANGUAGE, LC_ALL, LC_MESSAGES and LANG; folder: that of the catalogues. */
void speech_begin(const char *folder);

#endif
