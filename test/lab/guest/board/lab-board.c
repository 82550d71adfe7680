// SPDX-License-Identifier: GPL-2.0
/*
 * What the device tree overlays gpio-led and gpio-key do on a Pi, for lines of a simulated chip: the stock drivers
 * leds-gpio and gpio-keys are bound to them, so that the guest has the same /sys/class/leds and /dev/input.
 */
#include <linux/gpio/driver.h>
#include <linux/gpio/machine.h>
#include <linux/gpio_keys.h>
#include <linux/input.h>
#include <linux/leds.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static char *chip = "pinctrl-bcm2835";
module_param(chip, charp, 0444);
MODULE_PARM_DESC(chip, "label of the chip");
static int lines[3] = { 27, 17, 4 };
module_param_array(lines, int, NULL, 0444);
MODULE_PARM_DESC(lines, "lines of the red, amber and green LED");
static int button = 11;
module_param(button, int, 0444);
MODULE_PARM_DESC(button, "line of the button, active high; -1 for none");
static int code = BTN_0;
module_param(code, int, 0444);
MODULE_PARM_DESC(code, "key code of the button");

static struct gpio_led leds[] = {
	{ .name = "imagetank:red", .default_state = LEDS_GPIO_DEFSTATE_OFF },
	{ .name = "imagetank:amber", .default_state = LEDS_GPIO_DEFSTATE_OFF },
	{ .name = "imagetank:green", .default_state = LEDS_GPIO_DEFSTATE_OFF },
};
static const struct gpio_led_platform_data led_data = { .num_leds = ARRAY_SIZE(leds), .leds = leds };
static struct gpiod_lookup_table led_lookup = { .dev_id = "leds-gpio.0", .table = { {}, {}, {}, {} } };

static struct gpio_keys_button keys[] = {
	{ .type = EV_KEY, .desc = "imagetank-button", .debounce_interval = 5 },
};
static const struct gpio_keys_platform_data key_data = {
	.buttons = keys,
	.nbuttons = ARRAY_SIZE(keys),
	.name = "imagetank-button",
};

static struct platform_device *led_device, *key_device;

static int has_label(struct gpio_chip *candidate, void *label)
{
	return candidate->label && !strcmp(candidate->label, label);
}

static int __init lab_board_init(void)
{
	struct gpio_chip *found = gpiochip_find(chip, has_label);
	int i;

	if (!found)
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(leds); i++)
		led_lookup.table[i] =
			(struct gpiod_lookup)GPIO_LOOKUP_IDX(chip, lines[i], NULL, i, GPIO_ACTIVE_HIGH);
	gpiod_add_lookup_table(&led_lookup);
	led_device = platform_device_register_data(NULL, "leds-gpio", 0, &led_data, sizeof(led_data));
	if (IS_ERR(led_device)) {
		gpiod_remove_lookup_table(&led_lookup);
		return PTR_ERR(led_device);
	}
	if (button < 0)
		return 0;
	keys[0].gpio = found->base + button;
	keys[0].code = code;
	key_device = platform_device_register_data(NULL, "gpio-keys", 0, &key_data, sizeof(key_data));
	if (IS_ERR(key_device)) {
		platform_device_unregister(led_device);
		gpiod_remove_lookup_table(&led_lookup);
		return PTR_ERR(key_device);
	}
	return 0;
}

static void __exit lab_board_exit(void)
{
	if (key_device)
		platform_device_unregister(key_device);
	platform_device_unregister(led_device);
	gpiod_remove_lookup_table(&led_lookup);
}

module_init(lab_board_init);
module_exit(lab_board_exit);
MODULE_DESCRIPTION("LEDs and a button of a simulated board");
MODULE_LICENSE("GPL");
