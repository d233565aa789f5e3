/* The one strict parser of numbers, durations and dates: configuration, files, options, answers. Ground layer.
 *
 * The whole string or nothing: no white space, no sign, no prefix, no rest, no overflow. "5x", "+5", "05x", ""
 * are STATUS_INVALID; leading zeros are taken ("007" is 7).
 */
#ifndef GARDE_NUMBER_H
#define GARDE_NUMBER_H

#include <stdint.h>

#include <garde/status.h>

/* Decimal, min..max inclusive. */
enum status number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out_value) GARDE_MUST_CHECK;

/* A duration with one unit: 90s, 15min, 8h, 14d. Result in seconds, min_s..max_s inclusive. No unit: INVALID. */
enum status number_parse_duration(const char *text, int64_t min_s, int64_t max_s, int64_t *out_s) GARDE_MUST_CHECK;

/* RFC 3339 full-date, "2026-12-31", years 1970..9999, checked against the calendar: the second at which that day
 * begins in the local time zone. */
enum status number_parse_date(const char *text, int64_t *out_s) GARDE_MUST_CHECK;

#endif
