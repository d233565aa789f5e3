#include "doctor_page.h"

#include <stdio.h>

#include "colour.h"
#include "text.h"
#include "tool.h"

#define SUBJECT_COLUMNS 14
#define LEVEL_COLUMNS   11
#define INDENT          (SUBJECT_COLUMNS + LEVEL_COLUMNS)

static const char *subject_text(enum finding_subject subject)
{
    static const char *const texts[SUBJECTS] = {N_("Configuration"), N_("Files"), N_("Verifier"), N_("Clock"),
                                                N_("PAM"),           N_("sshd"),  N_("People")};
    return _(texts[subject]);
}

static const char *level_text(enum finding_level level)
{
    static const char *const texts[] = {N_("ok"), N_("note"), N_("WARNING"), N_("DANGER")};
    return _(texts[level]);
}

static const char *effect_text(enum finding_effect effect)
{
    static const char *const texts[] = {"", N_("Would let somebody in without a code."), N_("Would lock somebody out."),
                                        N_("Not looked at.")};
    return effect == EFFECT_NONE ? "" : _(texts[effect]);
}

static void show_level(enum finding_level level)
{
    static const enum colour colours[] = {COLOUR_GOOD, COLOUR_NONE, COLOUR_WARNING, COLOUR_BAD};
    colour_begin(colours[level]);
    text_cell(stdout, level_text(level), LEVEL_COLUMNS - 1, false);
    colour_end(colours[level]);
    fputc(' ', stdout);
}

static void paragraph(const char *mark, const char *text)
{
    (void)printf("%*s%s", INDENT, "", mark);
    text_wrap(stdout, text, INDENT + text_columns(mark), INDENT + text_columns(mark));
}

static void show(const struct finding *finding, bool is_first)
{
    char text[FINDING_PLACE_SIZE + FINDING_TEXT_SIZE + 8];

    text_cell(stdout, is_first ? subject_text(finding->subject) : "", SUBJECT_COLUMNS, false);
    show_level(finding->level);
    (void)snprintf(text, sizeof text, finding->place[0] == '\0' ? "%s%s" : _("%s: %s"), finding->place, finding->what);
    text_wrap(stdout, text, INDENT, INDENT);
    if (finding->effect != EFFECT_NONE)
        paragraph("", effect_text(finding->effect));
    if (finding->mend[0] != '\0')
        paragraph("-> ", finding->mend);
}

static void show_subject(const struct findings *findings, enum finding_subject subject)
{
    bool is_first = true;

    for (int level = LEVEL_DANGER; level >= LEVEL_OK; level--)
        for (size_t i = 0; i < findings->count; i++) {
            const struct finding *finding = &findings->all[i];
            if (finding->subject != subject || finding->level != (enum finding_level)level)
                continue;
            show(finding, is_first);
            is_first = false;
        }
}

void doctor_page_show(const struct findings *findings)
{
    unsigned long dangers = findings_count(findings, LEVEL_DANGER), warnings = findings_count(findings, LEVEL_WARNING);

    for (int subject = 0; subject < SUBJECTS; subject++)
        show_subject(findings, (enum finding_subject)subject);
    puts("");
    if (findings->lost)
        puts(_("No memory: not everything that was found is above."));
    if (dangers + warnings == 0) {
        puts(_("Nothing needs an admin."));
        return;
    }
    printf(ngettext("%lu danger, ", "%lu dangers, ", dangers), dangers);
    printf(ngettext("%lu warning\n", "%lu warnings\n", warnings), warnings);
}
