/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What moves in a map: pan, zoom, search, and what is said of the thing that is chosen. The same in SVG and in HTML.
   Keys: arrows pan, + - zoom, 0 shows all, / searches, Tab goes from thing to thing, Enter chooses, Escape lets go. */
(function () {
	"use strict";
	var svg = document.getElementById("map"), world = document.getElementById("world");
	var natural = svg.viewBox.baseVal, full = { w: natural.width, h: natural.height };
	var view = { x: 0, y: 0, k: 1 }, things = [].slice.call(svg.querySelectorAll(".thing"));
	var wires = [].slice.call(svg.querySelectorAll(".wire[data-from]"));
	var alone = document.documentElement === svg, html = "http://www.w3.org/1999/xhtml";
	var chosen = null, hits = [], at = -1;

	/* ---- the view ---- */

	function show() {
		world.setAttribute("transform", "translate(" + view.x + " " + view.y + ") scale(" + view.k + ")");
	}
	function fit() {
		var w = window.innerWidth, h = window.innerHeight;
		view.k = Math.min(w / full.w, h / full.h, 1.6);
		view.x = Math.max(0, (w - full.w * view.k) / 2);
		view.y = Math.max(0, (h - full.h * view.k) / 2);
		show();
	}
	function zoom(factor, x, y) {
		var k = Math.min(8, Math.max(0.02, view.k * factor));
		view.x = x - (x - view.x) * k / view.k;
		view.y = y - (y - view.y) * k / view.k;
		view.k = k;
		show();
	}
	function zoomMiddle(factor) {
		zoom(factor, window.innerWidth / 2, window.innerHeight / 2);
	}
	function pan(x, y) {
		view.x += x;
		view.y += y;
		show();
	}
	/* Brings a thing into the middle, unless it can be seen well already. */
	function reveal(thing) {
		var r = thing.getBoundingClientRect(), w = window.innerWidth, h = window.innerHeight;
		if (view.k < 0.6)
			zoom(1 / view.k, r.left + r.width / 2, r.top + r.height / 2);
		r = thing.getBoundingClientRect();
		if (r.left < 20 || r.top < 60 || r.right > w - 20 || r.bottom > h - 20)
			pan(w / 2 - r.left - r.width / 2, h / 2 - r.top - r.height / 2);
	}

	/* ---- the bar and the panel ---- */

	function make(tag, parent, attributes) {
		var e = document.createElementNS(html, tag);
		for (var name in attributes)
			e.setAttribute(name, attributes[name]);
		parent.appendChild(e);
		return e;
	}
	function button(bar, text, label, act) {
		var b = make("button", bar, { type: "button", "aria-label": label, title: label });
		b.textContent = text;
		b.addEventListener("click", act);
	}
	var host = document.body;
	if (alone) {
		host = document.createElementNS("http://www.w3.org/2000/svg", "foreignObject");
		host.setAttribute("width", "100%");
		host.setAttribute("height", "100%");
		host.style.pointerEvents = "none";
		svg.appendChild(host);
	}
	var ui = make("div", host, { "class": "map-ui" }), bar = make("div", ui, { "class": "map-bar", role: "toolbar" });
	var input = make("input", bar, { type: "search", placeholder: "search ( / )", "aria-label": "search the map" });
	var found = make("output", bar, { "aria-live": "polite" });
	button(bar, "+", "zoom in ( + )", function () { zoomMiddle(1.3); });
	button(bar, "-", "zoom out ( - )", function () { zoomMiddle(1 / 1.3); });
	button(bar, "all", "show all ( 0 )", fit);
	var panel = make("pre", ui, { "class": "map-panel", "aria-live": "polite", tabindex: "0" });
	panel.hidden = true;

	/* ---- choosing ---- */

	function light(list) {
		svg.classList.toggle("faded", list.length > 0);
		things.concat(wires).forEach(function (e) { e.classList.remove("lit"); });
		list.forEach(function (e) { e.classList.add("lit"); });
	}
	function near(thing) {
		var own = thing.dataset.shape, shapes = {}, list = [thing];
		shapes[own] = true;
		wires.forEach(function (w) {
			if (w.dataset.from !== own && w.dataset.to !== own)
				return;
			list.push(w);
			shapes[w.dataset.from] = shapes[w.dataset.to] = true;
		});
		things.forEach(function (t) {
			var tile = t.classList.contains("tile");
			if (shapes[t.dataset.shape] && (!tile || t.dataset.shape !== own || t === thing))
				list.push(t);
		});
		return list;
	}
	function said(e) {
		return e.querySelector("title").textContent;
	}
	function choose(thing) {
		if (chosen)
			chosen.classList.remove("chosen");
		chosen = thing === chosen ? null : thing;
		panel.hidden = !chosen;
		light(chosen ? near(chosen) : []);
		if (!chosen)
			return;
		chosen.classList.add("chosen");
		panel.textContent = [said(chosen)].concat([].map.call(chosen.querySelectorAll(".line"), said)).join("\n\n");
		panel.scrollTop = 0;
	}

	/* ---- searching ---- */

	function search() {
		var wanted = input.value.trim().toLowerCase();
		if (chosen)
			choose(chosen);
		hits = wanted ? things.filter(function (t) { return t.textContent.toLowerCase().indexOf(wanted) >= 0; }) : [];
		at = -1;
		found.textContent = wanted ? hits.length + " found" : "";
		light(hits);
		svg.classList.toggle("faded", wanted !== "");
	}
	function next(step) {
		if (!hits.length)
			return;
		at = (at + step + hits.length) % hits.length;
		found.textContent = at + 1 + " of " + hits.length;
		reveal(hits[at]);
	}
	input.addEventListener("input", search);
	input.addEventListener("keydown", function (e) {
		if (e.key === "Enter")
			next(e.shiftKey ? -1 : 1);
		if (e.key === "Escape") {
			input.value = "";
			search();
			input.blur();
		}
		e.stopPropagation();
	});

	/* ---- keys, wheel, pointers ---- */

	var keys = {
		ArrowLeft: function () { pan(60, 0); }, ArrowRight: function () { pan(-60, 0); },
		ArrowUp: function () { pan(0, 60); }, ArrowDown: function () { pan(0, -60); },
		"+": function () { zoomMiddle(1.25); }, "=": function () { zoomMiddle(1.25); },
		"-": function () { zoomMiddle(0.8); }, "0": fit,
		"/": function () { input.focus(); },
		Escape: function () { if (chosen) choose(chosen); }
	};
	document.addEventListener("keydown", function (e) {
		var thing = document.activeElement && document.activeElement.closest && document.activeElement.closest(".thing");
		if (e.ctrlKey || e.metaKey || e.altKey)
			return;
		if ((e.key === "Enter" || e.key === " ") && thing)
			choose(thing);
		else if (keys[e.key] && !(e.key.indexOf("Arrow") === 0 && document.activeElement === panel))
			keys[e.key]();
		else
			return;
		e.preventDefault();
	});
	things.forEach(function (t) {
		t.addEventListener("focus", function () { if (t.matches(":focus-visible")) reveal(t); });
	});
	svg.addEventListener("wheel", function (e) {
		if (e.target.closest && e.target.closest(".map-panel"))
			return;
		e.preventDefault();
		zoom(Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.0015)), e.clientX, e.clientY);
	}, { passive: false });

	/* One pointer pans, two pinch. What did not move is a click. */
	var down = {}, moved = false;
	function spread(list) {
		return Math.hypot(list[0].x - list[1].x, list[0].y - list[1].y);
	}
	svg.addEventListener("pointerdown", function (e) {
		if (e.target.closest(".map-ui"))
			return;
		down[e.pointerId] = { x: e.clientX, y: e.clientY };
		moved = Object.keys(down).length > 1;
	});
	window.addEventListener("pointermove", function (e) {
		var p = down[e.pointerId], list, was, dx, dy;
		if (!p)
			return;
		dx = e.clientX - p.x;
		dy = e.clientY - p.y;
		if (!moved && Math.abs(dx) + Math.abs(dy) < 5)
			return;
		moved = true;
		list = Object.keys(down).map(function (k) { return down[k]; });
		was = list.length > 1 ? spread(list) : 0;
		p.x = e.clientX;
		p.y = e.clientY;
		if (was > 0)
			zoom(spread(list) / was, (list[0].x + list[1].x) / 2, (list[0].y + list[1].y) / 2);
		else
			pan(dx, dy);
	});
	function up(e) {
		delete down[e.pointerId];
	}
	window.addEventListener("pointerup", up);
	window.addEventListener("pointercancel", up);
	svg.addEventListener("click", function (e) {
		var thing = e.target.closest(".thing");
		if (moved || e.target.closest(".map-ui"))
			return;
		if (thing)
			choose(thing);
		else if (chosen)
			choose(chosen);
	});

	svg.removeAttribute("viewBox");
	svg.setAttribute("width", "100%");
	svg.setAttribute("height", "100%");
	svg.style.cssText = "width: 100vw; height: 100vh; touch-action: none;";
	window.addEventListener("resize", fit);
	fit();
})();
