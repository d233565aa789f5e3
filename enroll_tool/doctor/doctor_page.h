/* The findings as a page for a person: one after the other, in 80 columns, the worst of each subject first. */
#ifndef GARDE_TOOL_DOCTOR_PAGE_H
#define GARDE_TOOL_DOCTOR_PAGE_H

#include "finding.h"

void doctor_page_show(const struct findings *findings);

#endif
