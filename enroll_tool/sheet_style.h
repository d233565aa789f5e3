/* The sheet's style: one A4 page on paper, the same page on a screen. */
#ifndef GARDE_TOOL_SHEET_STYLE_H
#define GARDE_TOOL_SHEET_STYLE_H

extern const char sheet_style[];

#endif
